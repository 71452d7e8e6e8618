-- One row a firm that was ever publicised as a candidate.
CREATE TABLE parties (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,   -- tag
    first       int8 NOT NULL,
    last        int8 NOT NULL,
    name        text,                                    -- as written last
    candidacies int8 NOT NULL,                           -- rounds in which it is a candidate, by their latest publicity
    firsts      int8 NOT NULL,                           -- of these, ranked first (alone or in a consortium)
    last_seen   timestamptz NOT NULL
);
CREATE INDEX parties_order ON parties (first, id);

CREATE TABLE parties__seat (
    scope     text  COLLATE "C" NOT NULL,                -- tag: lot, or notice with several sections
    round     int4  NOT NULL,
    latest    text  COLLATE "C" NOT NULL,                -- when the publicity that counts happened; then its position
    latest_at int8  NOT NULL,
    seats     jsonb NOT NULL,                            -- [[party, name, rank, candidate], …]
    PRIMARY KEY (scope, round)
);
