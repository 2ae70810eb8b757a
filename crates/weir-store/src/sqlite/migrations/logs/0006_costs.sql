-- Costs that rows had before they were priced anew. Few rows ever have one.
CREATE TABLE cost_history (
    gateway_ref INTEGER NOT NULL,
    id          BLOB NOT NULL,     -- of the row
    at          INTEGER NOT NULL,  -- when another cost took its place
    cost        INTEGER,           -- null when none was known
    price_id    ANY,               -- as in `logs`
    PRIMARY KEY (gateway_ref, id, at)
) STRICT, WITHOUT ROWID;

-- Calls whose cost the provider told and our own prices know, too, and both sums.
ALTER TABLE rollups ADD COLUMN compared INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN computed_cost INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollups ADD COLUMN reported_cost INTEGER NOT NULL DEFAULT 0;
