-- The log: five tables, rows are inserted once and never updated or deleted (ledger-format 3.1).
-- Text is COLLATE "C" everywhere: any other collation reorders indexes when the system's locale data changes.

CREATE SCHEMA ledger;

CREATE TABLE ledger.entry (
    position int8  NOT NULL PRIMARY KEY,              -- from 1, gapless; the compare-and-set of every append
    type     text  COLLATE "C" NOT NULL,
    leaf     bytea NOT NULL,                          -- SHA-256(0x00 ‖ entry)
    entry    bytea NOT NULL                           -- the exact canonical bytes
);
CREATE INDEX entry_type ON ledger.entry (type, position);

CREATE TABLE ledger.event_key (                       -- source and id are unique together for ever
    source   text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    position int8 NOT NULL,
    PRIMARY KEY (source, id)
);

CREATE TABLE ledger.tag (                             -- what each entry concerns, with its ordinal on that tag
    tag      text COLLATE "C" NOT NULL,
    position int8 NOT NULL,
    ordinal  int8 NOT NULL,
    PRIMARY KEY (tag, position)
);

CREATE TABLE ledger.tile (                            -- full Merkle tiles of 256 hashes
    level    int4  NOT NULL,
    idx      int8  NOT NULL,
    hashes   bytea NOT NULL,
    PRIMARY KEY (level, idx)
);

CREATE TABLE ledger.disclosure (                      -- ciphertext of secret members, beside the log
    digest     text  COLLATE "C" NOT NULL PRIMARY KEY,
    position   int8  NOT NULL,
    key_id     bytea NOT NULL,
    nonce      bytea NOT NULL,
    ciphertext bytea NOT NULL
);

-- Roles raise the cost of tampering; no proof rests on them.
GRANT USAGE ON SCHEMA ledger TO ledger_writer, views_writer, reader;
GRANT SELECT, INSERT ON ledger.entry, ledger.event_key, ledger.tag, ledger.tile, ledger.disclosure TO ledger_writer;
GRANT SELECT ON ledger.entry, ledger.event_key, ledger.tag, ledger.tile, ledger.disclosure TO views_writer, reader;
