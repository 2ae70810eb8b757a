-- What was spent. A bucket is named by a hash and by a number that says over what time and in what
-- measure it counts. Amounts are pico-dollars, tokens, requests or milliseconds; times milliseconds
-- since 1970.
CREATE TABLE buckets (
    key BLOB NOT NULL,
    code INTEGER NOT NULL,
    start INTEGER NOT NULL,    -- of the latest span
    previous INTEGER NOT NULL, -- spent in the span before it
    current INTEGER NOT NULL,  -- spent in it; where time is measured, when it began
    idle_at INTEGER,           -- from when on the row counts for nothing
    PRIMARY KEY (key, code)
) STRICT, WITHOUT ROWID;

-- Processes that reserved something, and when they last gave a sign of life.
CREATE TABLE owners (
    owner INTEGER PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT;

-- What was set apart and is neither settled nor given back: for each bucket key, code and amount.
CREATE TABLE reservations (
    owner INTEGER NOT NULL,
    number INTEGER NOT NULL,
    held BLOB NOT NULL,
    PRIMARY KEY (owner, number)
) STRICT, WITHOUT ROWID;

-- The credit journal. Amounts are pico-dollars; what is taken off is below zero.
CREATE TABLE credits (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    note TEXT,
    gateway TEXT,              -- from here on for usage alone
    provider TEXT,
    model TEXT,
    calls INTEGER,
    cost INTEGER
) STRICT;

CREATE INDEX credits_by_time ON credits (account, at, number);

CREATE TRIGGER credits_are_not_changed BEFORE UPDATE ON credits
BEGIN SELECT RAISE(ABORT, 'lines of the credit journal are never changed'); END;

CREATE TRIGGER credits_are_not_deleted BEFORE DELETE ON credits
BEGIN SELECT RAISE(ABORT, 'lines of the credit journal are never deleted'); END;

-- Lines of usage that calls are still added to; each goes into the journal when it has ended.
CREATE TABLE growing (
    account TEXT NOT NULL,
    gateway TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    calls INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (account, gateway, provider, model)
) STRICT, WITHOUT ROWID;

-- The sums of both, changed in the same transactions.
CREATE TABLE purses (
    account TEXT PRIMARY KEY,
    granted INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
