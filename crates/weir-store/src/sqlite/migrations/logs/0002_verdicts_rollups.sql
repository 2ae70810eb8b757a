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

-- Rows that are there count, too. Sums go through total(), which never fails for being too large;
-- it is exact below 2^53, so money is summed in two parts.
CREATE TEMP VIEW calls AS
SELECT
    gateway_ref,
    created_at / 60000 - (created_at % 60000 < 0) AS minute,
    coalesce(CASE typeof(provider) WHEN 'integer'
        THEN (SELECT text FROM main.words WHERE ref = provider) ELSE provider END, '') AS provider,
    coalesce(CASE typeof(model) WHEN 'integer'
        THEN (SELECT text FROM main.words WHERE ref = model) ELSE model END, '') AS model,
    coalesce(status_code, 0) AS status,
    success,
    cached,
    coalesce(status_code, 0) = 429 AND upstream_status_code IS NULL AS rate_limited,
    wholesale,
    coalesce(CASE typeof(key_id) WHEN 'integer'
        THEN (SELECT text FROM main.words WHERE ref = key_id) ELSE key_id END, '') AS key_id,
    tokens_in, tokens_out, tokens_cache_read, tokens_cache_write, tokens_cache_write_1h,
    tokens_reasoning, cost, duration_ms, latency_ms
FROM main.logs;

INSERT INTO rollup_keys
    (provider, model, status, success, cached, rate_limited, wholesale, key_id)
SELECT DISTINCT provider, model, status, success, cached, rate_limited, wholesale, key_id
FROM calls;

INSERT INTO rollups
SELECT
    gateway_ref, 1, minute, ref, count(*),
    CAST(total(tokens_in) AS INTEGER),
    CAST(total(tokens_out) AS INTEGER),
    CAST(total(tokens_cache_read) AS INTEGER),
    CAST(total(tokens_cache_write) + total(tokens_cache_write_1h) AS INTEGER),
    CAST(total(tokens_reasoning) AS INTEGER),
    CAST(CAST(total(cost / 1000000) AS INTEGER) * 1000000
        + CAST(total(cost % 1000000) AS INTEGER) AS INTEGER),
    count(*) - count(cost),
    CAST(total(duration_ms) AS INTEGER),
    CAST(total(latency_ms) AS INTEGER),
    count(latency_ms)
FROM calls
JOIN rollup_keys USING
    (provider, model, status, success, cached, rate_limited, wholesale, key_id)
GROUP BY gateway_ref, minute, ref;

DROP VIEW calls;

WITH spans (minutes) AS (VALUES (60), (1440))
INSERT INTO rollups
SELECT
    gateway_ref, minutes, (start / minutes - (start % minutes < 0)) * minutes AS first, key_ref,
    sum(requests),
    CAST(total(tokens_in) AS INTEGER),
    CAST(total(tokens_out) AS INTEGER),
    CAST(total(cache_read) AS INTEGER),
    CAST(total(cache_write) AS INTEGER),
    CAST(total(reasoning) AS INTEGER),
    CAST(CAST(total(cost / 1000000) AS INTEGER) * 1000000
        + CAST(total(cost % 1000000) AS INTEGER) AS INTEGER),
    sum(unpriced),
    CAST(total(duration_ms) AS INTEGER),
    CAST(total(latency_ms) AS INTEGER),
    sum(answered)
FROM rollups, spans
WHERE span = 1
GROUP BY gateway_ref, minutes, first, key_ref;
