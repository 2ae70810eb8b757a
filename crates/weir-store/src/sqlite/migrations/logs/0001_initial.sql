-- What traffic makes. Times are milliseconds since 1970 UTC, money is pico-dollars.

-- Gateways that have rows, and how many, so that a page need not count them.
CREATE TABLE gateways (
    ref     INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    gateway TEXT NOT NULL,
    rows    INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, gateway)
) STRICT;

-- Texts that repeat from row to row. Only so many are taken in; see `logs/words.rs`.
CREATE TABLE words (
    ref  INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;

-- Clustered by gateway and then id. Ids are UUIDv7, so the newest rows of a gateway lie together
-- at the end of its range, and paging needs no second index.
--
-- Columns of type ANY hold a word: a `ref` of `words` when it is an integer, else the text itself.
CREATE TABLE logs (
    gateway_ref            INTEGER NOT NULL,
    id                     BLOB NOT NULL,     -- 16 bytes
    request_id             BLOB,              -- null when equal to id
    event_id               TEXT,              -- null when the client chose none
    created_at             INTEGER NOT NULL,
    provider               ANY NOT NULL,
    model                  ANY NOT NULL,
    model_type             ANY,
    path                   TEXT NOT NULL,
    method                 ANY NOT NULL,
    request_type           ANY NOT NULL,
    request_content_type   ANY,
    response_content_type  ANY,
    status_code            INTEGER,
    upstream_status_code   INTEGER,
    success                INTEGER NOT NULL,
    cached                 INTEGER NOT NULL,
    duration_ms            INTEGER NOT NULL,
    latency_ms             INTEGER,
    ttft_ms                INTEGER,
    overhead_us            INTEGER NOT NULL,
    -- Usage: all null when the answer told none.
    tokens_in              INTEGER,
    tokens_out             INTEGER,
    tokens_total           INTEGER,
    tokens_reasoning       INTEGER,
    tokens_cache_read      INTEGER,
    tokens_cache_write     INTEGER,
    tokens_cache_write_1h  INTEGER,
    tokens_audio_in        INTEGER,
    tokens_audio_out       INTEGER,
    tokens_image_in        INTEGER,
    tokens_image_out       INTEGER,
    web_searches           INTEGER,
    cost                   INTEGER,           -- null when unknown, never 0 for that
    custom_cost            INTEGER NOT NULL,
    price_id               ANY,
    provider_reported_cost INTEGER,
    metadata               TEXT,
    step                   INTEGER NOT NULL,
    attempt_index          INTEGER NOT NULL,
    authentication         INTEGER NOT NULL,
    key_id                 ANY,
    wholesale              INTEGER NOT NULL,
    byok                   INTEGER NOT NULL,
    user_agent             ANY,
    stream                 INTEGER NOT NULL,
    finish_reason          ANY,
    error_code             ANY,
    error_message          TEXT,
    request_size           INTEGER NOT NULL,
    response_size          INTEGER NOT NULL,
    payload_reason         ANY,               -- why there are no bodies; null when there are
    -- Where the bodies lie: bytes of the unpacked pack. The pack is null when both are empty.
    pack                   INTEGER,
    request_offset         INTEGER,
    request_length         INTEGER,
    response_offset        INTEGER,
    response_length        INTEGER,
    PRIMARY KEY (gateway_ref, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX logs_by_event ON logs (gateway_ref, event_id) WHERE event_id IS NOT NULL;

-- Bodies of many rows in one zstd frame; see `logs/pack.rs`.
CREATE TABLE body_packs (
    pack     INTEGER PRIMARY KEY,
    rows     INTEGER NOT NULL,  -- log rows whose bodies are in it
    raw_size INTEGER NOT NULL,  -- bytes when unpacked
    data     BLOB NOT NULL
) STRICT;
