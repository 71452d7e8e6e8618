-- What the signer finds its witnesses to be, for `status` and pages: who answers, who does not, and since when. The table
-- vouches for nothing: whether enough witnesses have cosigned is told by the notes in `house.checkpoint` alone.
CREATE TABLE house.witness (
    name    text        COLLATE "C" NOT NULL PRIMARY KEY,
    place   int4        NOT NULL,
    state   text        COLLATE "C" NOT NULL,
    since   text        COLLATE "C" NOT NULL,
    size    int8        NOT NULL,
    detail  text        COLLATE "C" NOT NULL,
    told_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON house.witness TO signer;
GRANT SELECT ON house.witness TO reader;
