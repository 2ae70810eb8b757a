-- What people say about a row, and counts over all calls, logged or not.

ALTER TABLE logs ADD COLUMN feedback REAL;  -- from -1 to 1
ALTER TABLE logs ADD COLUMN score REAL;     -- from 0 to 100

-- What roll-ups tell apart, besides gateway and time.
CREATE TABLE rollup_keys (
    ref          INTEGER PRIMARY KEY,
    provider     TEXT NOT NULL,
    model        TEXT NOT NULL,
    status       INTEGER NOT NULL,  -- 0: none was sent
    success      INTEGER NOT NULL,
    cached       INTEGER NOT NULL,
    rate_limited INTEGER NOT NULL,
    wholesale    INTEGER NOT NULL,
    key_id       TEXT NOT NULL,     -- '': none
    UNIQUE (provider, model, status, success, cached, rate_limited, wholesale, key_id)
) STRICT;

-- Sums over the calls of a gateway in a piece of time: a minute, an hour and a day each have a row.
CREATE TABLE rollups (
    gateway_ref INTEGER NOT NULL,
    span        INTEGER NOT NULL,  -- minutes in the piece: 1, 60 or 1440
    start       INTEGER NOT NULL,  -- its first minute, counted from 1970 UTC
    key_ref     INTEGER NOT NULL,
    requests    INTEGER NOT NULL,
    tokens_in   INTEGER NOT NULL,
    tokens_out  INTEGER NOT NULL,
    cache_read  INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    reasoning   INTEGER NOT NULL,
    cost        INTEGER NOT NULL,
    unpriced    INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    latency_ms  INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    PRIMARY KEY (gateway_ref, span, start, key_ref)
) STRICT, WITHOUT ROWID;
