-- What operators make. Times are milliseconds since 1970 UTC.

-- Raised in the transaction of every write; other processes poll it.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta (name, value) VALUES ('generation', 0);

CREATE TABLE gateways (
    account_id  TEXT NOT NULL,
    id          TEXT NOT NULL,
    settings    TEXT NOT NULL,  -- JSON, named as in the management API
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE custom_providers (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,
    slug        TEXT NOT NULL,
    name        TEXT NOT NULL,
    base_url    TEXT NOT NULL,
    enable      INTEGER NOT NULL,
    -- JSON object. May hold credentials, and they are not encrypted yet: the mode of the file,
    -- 0600, is what protects them.
    headers     TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    UNIQUE (account_id, slug)
) STRICT, WITHOUT ROWID;

-- Never the token itself.
CREATE TABLE tokens (
    id          TEXT PRIMARY KEY,
    account_id  TEXT NOT NULL,
    name        TEXT NOT NULL,
    hash        BLOB NOT NULL UNIQUE,  -- SHA-256
    length      INTEGER NOT NULL,      -- of the token, in bytes
    permissions TEXT NOT NULL,         -- JSON array of published names
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;
