-- What verification said, when and by whom it was run: shown to people, believed by nobody (a verdict is recomputed).
CREATE TABLE house.verification (
    number      int8        GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    verdict     jsonb       NOT NULL
);
GRANT USAGE ON SCHEMA house TO reader;
GRANT SELECT ON house.verification TO reader;
