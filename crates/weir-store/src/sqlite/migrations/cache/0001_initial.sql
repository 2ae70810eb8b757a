-- Answers kept for calls that ask the same again. Times are milliseconds since 1970 UTC.

-- Numbers rise with time, so the oldest answers have the lowest.
CREATE TABLE answers (
    number     INTEGER PRIMARY KEY,
    key        BLOB NOT NULL,     -- 32 bytes
    expires_at INTEGER NOT NULL,
    checksum   INTEGER NOT NULL,  -- CRC-32 of head and body
    head       BLOB NOT NULL,     -- everything but the body, as JSON
    body       BLOB NOT NULL
) STRICT;

-- Holds all that is read at the start, so that no body is.
CREATE UNIQUE INDEX answers_by_key ON answers (key);
CREATE INDEX answers_by_expiry ON answers (expires_at, key);
