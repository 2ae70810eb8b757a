-- Configuration as objects: one row for each, whatever its kind, in its serde form. Kinds that
-- may hold credentials have it sealed.

CREATE TABLE objects (
    kind       TEXT NOT NULL,
    account_id TEXT NOT NULL,
    id         TEXT NOT NULL,
    body       TEXT,  -- JSON
    sealed     BLOB,  -- the same, sealed
    PRIMARY KEY (kind, account_id, id),
    CHECK ((body IS NULL) <> (sealed IS NULL))
) STRICT;

CREATE TABLE audit (
    id            BLOB PRIMARY KEY,  -- UUIDv7
    account_id    TEXT NOT NULL,
    at            INTEGER NOT NULL,
    gateway       TEXT,
    action        TEXT NOT NULL,
    resource_type TEXT NOT NULL,
    resource_id   TEXT NOT NULL,
    actor_id      TEXT NOT NULL,
    actor         TEXT NOT NULL,     -- JSON
    before        TEXT,              -- JSON, credentials masked
    after         TEXT
) STRICT;
-- Every filter is answered, and every page counted, from this index alone.
CREATE INDEX audit_by_time ON audit
    (account_id, at, id, gateway, action, resource_type, resource_id, actor_id);

-- What seals the secrets of an account, itself sealed with a master key.
CREATE TABLE data_keys (
    id            BLOB PRIMARY KEY,
    account_id    TEXT NOT NULL,
    master_key_id TEXT NOT NULL,
    wrapped       BLOB NOT NULL,
    created_at    INTEGER NOT NULL,
    retired_at    INTEGER            -- nothing new is sealed with it from then on
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX data_keys_in_use ON data_keys (account_id) WHERE retired_at IS NULL;

-- Copies of credentials in clear may lie in unused parts of the file: to be wiped, see
-- sqlite/config/upgrade.rs.
INSERT INTO meta (name, value)
SELECT 'clear_copies', EXISTS (SELECT 1 FROM gateways) OR EXISTS (SELECT 1 FROM custom_providers);

INSERT INTO objects (kind, account_id, id, body)
SELECT 'gateway', account_id, id,
       json_set(settings, '$.id', id, '$.account_id', account_id,
                '$.created_at', strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch'),
                '$.modified_at', strftime('%Y-%m-%dT%H:%M:%fZ', modified_at / 1000.0, 'unixepoch'))
FROM gateways;

INSERT INTO objects (kind, account_id, id, body)
SELECT 'custom_provider', account_id, id,
       json_object('id', id, 'account_id', account_id, 'name', name, 'slug', slug,
                   'base_url', base_url, 'enable', json(iif(enable, 'true', 'false')),
                   'headers', json(headers),
                   'created_at', strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch'),
                   'modified_at', strftime('%Y-%m-%dT%H:%M:%fZ', modified_at / 1000.0, 'unixepoch'))
FROM custom_providers;

-- A number could name a moment after the year 9999; a text cannot.
INSERT INTO objects (kind, account_id, id, body)
SELECT 'token', account_id, id,
       json_object('id', id, 'account_id', account_id, 'name', name, 'hash', lower(hex(hash)),
                   'length', length, 'permissions', json(permissions),
                   'created_at', strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch'),
                   'expires_at', strftime('%Y-%m-%dT%H:%M:%fZ',
                                          min(expires_at, 253402207200000) / 1000.0, 'unixepoch'),
                   'revoked_at', strftime('%Y-%m-%dT%H:%M:%fZ', revoked_at / 1000.0, 'unixepoch'))
FROM tokens;

DROP TABLE gateways;
DROP TABLE custom_providers;
DROP TABLE tokens;
