-- What a writer must know of tags and keys it does not remember, with the head for which the answer is true.
-- Rows: ('head', null, size, leaf) ('tag', tag, ordinal, leaf) ('key', n, position, entry)
SELECT 'head' AS what, NULL AS name, position AS number, leaf AS bytes
FROM (SELECT position, leaf FROM ledger.entry ORDER BY position DESC LIMIT 1) newest
UNION ALL
SELECT 'tag', wanted.tag, newest.ordinal, entry.leaf
FROM unnest(%(tags)s::text[]) wanted (tag)
CROSS JOIN LATERAL (
    SELECT position, ordinal FROM ledger.tag WHERE tag.tag = wanted.tag COLLATE "C" ORDER BY position DESC LIMIT 1
) newest
JOIN ledger.entry ON entry.position = newest.position
UNION ALL
SELECT 'key', wanted.n::text, event_key.position, entry.entry
FROM unnest(%(sources)s::text[], %(ids)s::text[]) WITH ORDINALITY wanted (source, id, n)
JOIN ledger.event_key ON event_key.source = wanted.source COLLATE "C" AND event_key.id = wanted.id COLLATE "C"
JOIN ledger.entry ON entry.position = event_key.position
