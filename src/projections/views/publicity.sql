-- One row a notice of candidates: clock T12 on its stated period, in every reading.
CREATE TABLE publicity (
    id           text COLLATE "C" NOT NULL PRIMARY KEY,  -- tag: notice:…
    first        int8 NOT NULL,
    last         int8 NOT NULL,                          -- the entry that states the period
    title        text,
    lot          text COLLATE "C",                       -- tag, where the notice holds one section
    project      text COLLATE "C",                       -- tag
    opens_at     timestamptz,
    closes_at    timestamptz,
    minutes      int8,                                   -- between the stated moments
    working_days int4,                                   -- inside, start day excluded; NULL without a calendar
    state        text COLLATE "C",                       -- met, breached, running, undeterminable
    reason       text COLLATE "C",                       -- why undeterminable
    readings     int4,                                   -- how many hold
    held         text[] COLLATE "C" NOT NULL,            -- ids of the readings under which it falls short or stands out
    untold       text[] COLLATE "C" NOT NULL,            -- ids of the readings that cannot be told
    years        int4[] NOT NULL                         -- calendar years counted with
);
CREATE INDEX publicity_order ON publicity (first, id);
