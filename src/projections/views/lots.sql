-- One row a lot; a notice that holds several sections has a row of its own.
CREATE TABLE lots (
    id           text COLLATE "C" NOT NULL PRIMARY KEY,  -- the tag: lot:… or notice:…
    first        int8 NOT NULL,                          -- its first entry
    last         int8 NOT NULL,                          -- its last entry
    entries      int8 NOT NULL,
    named        text,                                   -- title of whatever is no notice of candidates
    notice_title text,
    title        text GENERATED ALWAYS AS (coalesce(notice_title, named)) STORED,
    project      text COLLATE "C",                       -- tag
    project_name text,
    notice       text COLLATE "C",                       -- tag of the latest notice
    latest       text COLLATE "C",                       -- when the latest notice happened, in UTC; then its position
    latest_at    int8,
    opens_at     timestamptz,
    closes_at    timestamptz,
    candidates   int4,
    first_name   text,
    first_party  text COLLATE "C",                       -- tag
    price_kind   text COLLATE "C",
    price_fen    int8,
    rate_bp      int8,
    price_text   text,
    rounds       int4 NOT NULL,                          -- highest round stated
    publications int4 NOT NULL,                          -- notices
    verdict      text COLLATE "C",                       -- of clock T12 on the latest notice
    readings     int4,                                   -- readings under which that period falls short or stands out
    alerts       int4 NOT NULL,
    severity     text COLLATE "C"                        -- the gravest alert: C, H, M, L
);
CREATE INDEX lots_order ON lots (first, id);
CREATE INDEX lots_project ON lots (project);
