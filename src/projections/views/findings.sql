-- One row a line of a verdict: a breach that must become an alert, a reading that holds, a period nobody can judge.
CREATE TABLE findings (
    id       text COLLATE "C" NOT NULL PRIMARY KEY,      -- of a breach the alert's number, else what the line is about
    first    int8 NOT NULL,
    position int8 NOT NULL,                              -- the entry that completed it
    rule     text COLLATE "C" NOT NULL,
    edition  text COLLATE "C" NOT NULL,                  -- digest
    kind     text COLLATE "C" NOT NULL,                  -- finding, reading, undeterminable
    severity text COLLATE "C" NOT NULL,
    grade    text,                                       -- 背景级 for readings
    code     text COLLATE "C",                           -- the reading's id, or the reason
    scope    text COLLATE "C" NOT NULL,                  -- tag
    text_zh  text NOT NULL,
    text_en  text NOT NULL,
    alert    int4 NOT NULL,                              -- 1: must stand in the log as an alert
    event    jsonb                                       -- that alert, ready to be posted
);
CREATE INDEX findings_order ON findings (first, id);
CREATE INDEX findings_scope ON findings (scope);
CREATE INDEX findings_due ON findings (first, id) WHERE alert = 1;
