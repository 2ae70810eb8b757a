-- What filters and orders read of every row, column by column; see `logs/segment.rs`.

-- 0: the segments of this gateway are missing or incomplete, and its rows are read instead.
ALTER TABLE gateways ADD COLUMN segmented INTEGER NOT NULL DEFAULT 0;

-- Some rows of a gateway. Each row of a gateway is in exactly one of its segments.
CREATE TABLE segments (
    segment     INTEGER PRIMARY KEY,
    gateway_ref INTEGER NOT NULL,
    level       INTEGER NOT NULL,  -- of its size; small ones are merged
    rows        INTEGER NOT NULL,
    first_id    BLOB NOT NULL,     -- smallest and largest id
    last_id     BLOB NOT NULL,
    oldest      INTEGER NOT NULL,  -- smallest and largest time of creation
    newest      INTEGER NOT NULL
) STRICT;

CREATE INDEX segments_by_gateway ON segments (gateway_ref, level);

-- Columns of segments. The number is 64 times that of the segment, plus that of the column; 63
-- stands for all columns of a small segment in one.
CREATE TABLE segment_columns (
    ref  INTEGER PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
