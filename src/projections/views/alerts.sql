-- One row a recorded alert.
CREATE TABLE alerts (
    id              text COLLATE "C" NOT NULL PRIMARY KEY,  -- the alert's number
    first           int8 NOT NULL,                          -- the entry that records it
    position        int8 NOT NULL,                          -- the same, under the name lists use
    severity        text COLLATE "C" NOT NULL,
    rule            text COLLATE "C" NOT NULL,
    edition         text COLLATE "C",                       -- digest of the edition
    scope           text COLLATE "C",                       -- tag it is about
    project         text COLLATE "C",                       -- tag
    streams         jsonb NOT NULL,                         -- all tags it names
    text_zh         text,
    text_en         text,
    evidence        jsonb NOT NULL,                         -- references: positions, or {source, id}
    evidence_first  int8,
    facts           jsonb NOT NULL,                         -- [{name, value}]
    implicated_orgs jsonb NOT NULL,
    retrospective   boolean NOT NULL,
    evaluated_at    int8 NOT NULL,
    dedupe_key      text NOT NULL,
    status          text COLLATE "C" NOT NULL,              -- open, until there are events that say otherwise
    recorded        timestamptz NOT NULL
);
CREATE INDEX alerts_order ON alerts (first, id);
CREATE INDEX alerts_scope ON alerts (scope);
