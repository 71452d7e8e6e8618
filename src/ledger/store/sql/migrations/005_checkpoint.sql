-- Checkpoints as the log's signer published them: signed notes, one a size, for everybody to read. What a signature
-- says is in the note; the table vouches for nothing. The signer reads entries and tiles, and never a table of tags.
CREATE TABLE house.checkpoint (
    size         int8        NOT NULL PRIMARY KEY,
    note         text        COLLATE "C" NOT NULL,
    published_at timestamptz NOT NULL
);
GRANT USAGE ON SCHEMA house TO signer;
GRANT SELECT, INSERT ON house.checkpoint TO signer;
GRANT SELECT ON house.checkpoint TO reader;
GRANT USAGE ON SCHEMA ledger TO signer;
GRANT SELECT ON ledger.entry, ledger.tile TO signer;
