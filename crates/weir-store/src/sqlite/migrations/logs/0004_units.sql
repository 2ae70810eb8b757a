-- What is billed by other measures than tokens, as JSON: images, seconds, characters. Null for none,
-- which is what nearly every row has.

ALTER TABLE logs ADD COLUMN units TEXT;
