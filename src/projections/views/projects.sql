-- One row a project, with all that is tagged with it.
CREATE TABLE projects (
    id         text COLLATE "C" NOT NULL PRIMARY KEY,    -- tag
    first      int8 NOT NULL,
    last       int8 NOT NULL,
    entries    int8 NOT NULL,
    name       text,                                     -- as the last entry that names it writes it
    notices    int8 NOT NULL,
    lots       int8 NOT NULL,
    rounds     int4 NOT NULL,                            -- highest round stated on any of its lots
    first_time timestamptz NOT NULL,                     -- earliest and latest that anything happened
    last_time  timestamptz NOT NULL,
    alerts     int4 NOT NULL,
    severity   text COLLATE "C"
);
CREATE INDEX projects_order ON projects (first, id);

CREATE TABLE projects__lot (                             -- which lots were counted
    project text COLLATE "C" NOT NULL,
    lot     text COLLATE "C" NOT NULL,
    PRIMARY KEY (project, lot)
);
