-- What a writer must know of streams on which events are sealed, with the head for which the answer is true.
-- Rows: ('head', null, size, leaf) ('told', stream, position, entry) ('token', tag, position, null)
SELECT 'head' AS what, NULL AS name, position AS number, leaf AS bytes
FROM (SELECT position, leaf FROM ledger.entry ORDER BY position DESC LIMIT 1) newest
UNION ALL
SELECT 'told', tag.tag, entry.position, entry.entry
FROM ledger.tag JOIN ledger.entry ON entry.position = tag.position
WHERE tag.tag = ANY (%(streams)s::text[] COLLATE "C") AND entry.type = ANY (%(types)s::text[] COLLATE "C")
UNION ALL
SELECT 'token', tag.tag, tag.position, NULL
FROM ledger.tag WHERE tag.tag = ANY (%(tokens)s::text[] COLLATE "C")
