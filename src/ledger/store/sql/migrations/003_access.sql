-- Who may post: keys, of which only the SHA-256 is kept. Not part of the log.
CREATE SCHEMA access;
CREATE TABLE access.key (
    digest  text        COLLATE "C" NOT NULL PRIMARY KEY,   -- lower-case hex SHA-256 of the whole key
    org     text        COLLATE "C" NOT NULL,               -- unified social credit code of the organisation
    organ   text        COLLATE "C" NOT NULL,               -- its role: code list `organs`
    pid     text        COLLATE "C" NOT NULL,               -- random id of the machine that holds the key
    name    text        NOT NULL,
    made_at timestamptz NOT NULL
);
GRANT USAGE ON SCHEMA access TO reader;
GRANT SELECT ON access.key TO reader;
