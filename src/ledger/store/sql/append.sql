-- One commit: one statement, one round trip. The primary key of `entry` is the compare-and-set: a second writer waits
-- on position n+1, then inserts nothing and answers 0. No row of the log is ever updated.
-- $1 expected size  $2 expected last leaf
-- arrays: $3 type $4 leaf $5 entry · $6 source $7 id $8 offset · $9 tag $10 position $11 ordinal
--         $12 level $13 idx $14 hashes (full tiles) · $15 digest $16 position $17 key_id $18 nonce $19 ciphertext
WITH h AS (
    INSERT INTO ledger.entry
    SELECT $1 + 1, ($3)[1], ($4)[1], ($5)[1]
    WHERE $1 = 0 OR EXISTS (SELECT 1 FROM ledger.entry WHERE position = $1 AND leaf = $2)
    ON CONFLICT (position) DO NOTHING
    RETURNING 1
), e AS (
    INSERT INTO ledger.entry
    SELECT $1 + o, t, l, b FROM h, unnest($3, $4, $5) WITH ORDINALITY u (t, l, b, o) WHERE o > 1
    RETURNING 1
), k AS (
    INSERT INTO ledger.event_key SELECT s, i, $1 + o FROM h, unnest($6, $7, $8) u (s, i, o) RETURNING 1
), g AS (
    INSERT INTO ledger.tag SELECT u.* FROM h, unnest($9, $10, $11) u RETURNING 1
), m AS (
    INSERT INTO ledger.tile SELECT u.* FROM h, unnest($12, $13, $14) u RETURNING 1
), d AS (
    INSERT INTO ledger.disclosure SELECT u.* FROM h, unnest($15, $16, $17, $18, $19) u RETURNING 1
)
SELECT (SELECT count(*) FROM h) + (SELECT count(*) FROM e),
       (SELECT count(*) FROM k),
       (SELECT count(*) FROM g),
       (SELECT count(*) FROM m),
       (SELECT count(*) FROM d),
       pg_catalog.pg_notify('ledger', ($1 + cardinality($5))::text)
