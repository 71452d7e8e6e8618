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
    held         jsonb NOT NULL,                         -- [id of a reading, true, false or null]: what each says
    calendars    jsonb NOT NULL                          -- [[year, digest of its edition], …] counted with
);
CREATE INDEX publicity_order ON publicity (first, id);
