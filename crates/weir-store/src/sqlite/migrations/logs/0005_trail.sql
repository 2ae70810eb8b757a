-- What was decided on a call, and why; see `logs/trail.rs`. Null for rows of older versions. It is
-- the last column, so that whoever reads the others need not pass over it.

ALTER TABLE logs ADD COLUMN trail TEXT;
