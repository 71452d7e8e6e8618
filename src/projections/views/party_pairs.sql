-- One row for each two firms that stood among the candidates of one round, as rivals; id is `<a>|<b>`, a before b.
CREATE TABLE party_pairs (
    id        text COLLATE "C" NOT NULL PRIMARY KEY,
    first     int8 NOT NULL,
    last      int8 NOT NULL,
    a         text COLLATE "C" NOT NULL,                 -- tag
    b         text COLLATE "C" NOT NULL,                 -- tag
    a_name    text,
    b_name    text,
    meetings  int8 NOT NULL,                             -- rounds in which both are candidates, by their latest publicity
    a_first   int8 NOT NULL,                             -- of these, a was ranked first
    b_first   int8 NOT NULL,
    last_seen timestamptz NOT NULL
);
CREATE INDEX party_pairs_order ON party_pairs (first, id);
CREATE INDEX party_pairs_a ON party_pairs (a);
CREATE INDEX party_pairs_b ON party_pairs (b);

CREATE TABLE party_pairs__seat (
    scope     text  COLLATE "C" NOT NULL,                -- tag: lot, or notice with several sections
    round     int4  NOT NULL,
    latest    text  COLLATE "C" NOT NULL,                -- when the publicity that counts happened; then its position
    latest_at int8  NOT NULL,
    seats     jsonb NOT NULL,                            -- [[party, name, rank, candidate], …]
    PRIMARY KEY (scope, round)
);
