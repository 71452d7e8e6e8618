-- What the tables of the log are made of, as (relation, what, detail): compared with `structure.json` line by line.
-- Whatever can show other rows than were inserted, or keep rows out, has a line of its own, so that it is seen.
WITH house AS (
    SELECT c.* FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'ledger'
), house_role AS (
    SELECT oid, rolname FROM pg_catalog.pg_roles
    WHERE rolname IN ('ledger_owner', 'ledger_writer', 'signer', 'reader', 'views_writer', 'analyst')
)
SELECT relname::text AS relation, 'relation' AS what,
       CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                    WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence'
                    ELSE relkind::text END
       || CASE relpersistence WHEN 'p' THEN '' WHEN 'u' THEN ' unlogged' ELSE ' temporary' END
       || CASE WHEN relrowsecurity THEN ' with row security' ELSE '' END
       || CASE WHEN relforcerowsecurity THEN ' forced' ELSE '' END AS detail
FROM house WHERE relkind NOT IN ('i', 'I', 'c')
UNION ALL
SELECT t.relname, 'column ' || a.attname,
       a.attnum || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
       || CASE WHEN k.collname IS NULL THEN '' ELSE ' collate ' || k.collname END
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || CASE WHEN a.attgenerated = '' THEN '' ELSE ' generated' END
       || CASE WHEN a.attidentity = '' THEN '' ELSE ' identity' END
       || CASE WHEN a.atthasdef AND a.attgenerated = '' THEN ' default' ELSE '' END
FROM house t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid
LEFT JOIN pg_catalog.pg_collation k ON k.oid = a.attcollation
WHERE t.relkind NOT IN ('i', 'I', 'S') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT t.relname, 'index ' || i.relname,
       pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(x.indexrelid), '^CREATE (UNIQUE )?INDEX .* USING ', '\1')
       || CASE WHEN x.indisprimary THEN ' primary' ELSE '' END
       || CASE WHEN x.indisvalid AND x.indisready AND x.indislive THEN '' ELSE ' invalid' END
       || CASE WHEN x.indimmediate THEN '' ELSE ' deferrable' END
FROM house t JOIN pg_catalog.pg_index x ON x.indrelid = t.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
UNION ALL
SELECT t.relname, 'constraint ' || k.conname, pg_catalog.pg_get_constraintdef(k.oid)
FROM house t JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid WHERE k.contype <> 'n'
UNION ALL
SELECT t.relname, 'trigger ' || g.tgname, g.tgenabled::text
FROM house t JOIN pg_catalog.pg_trigger g ON g.tgrelid = t.oid
UNION ALL
SELECT t.relname, 'rule ' || r.rulename, r.ev_type::text
FROM house t JOIN pg_catalog.pg_rewrite r ON r.ev_class = t.oid
UNION ALL
SELECT t.relname, 'policy ' || p.polname, p.polcmd::text
FROM house t JOIN pg_catalog.pg_policy p ON p.polrelid = t.oid
UNION ALL
SELECT t.relname, 'child', n.nspname || '.' || c.relname
FROM house t JOIN pg_catalog.pg_inherits h ON h.inhparent = t.oid JOIN pg_catalog.pg_class c ON c.oid = h.inhrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE t.relkind NOT IN ('i', 'I')
UNION ALL
SELECT t.relname, 'parent', n.nspname || '.' || c.relname
FROM house t JOIN pg_catalog.pg_inherits h ON h.inhrelid = t.oid JOIN pg_catalog.pg_class c ON c.oid = h.inhparent
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE t.relkind NOT IN ('i', 'I')
UNION ALL
SELECT t.relname, 'right of ' || CASE WHEN g.grantee = 0 THEN 'public' ELSE g.grantee::pg_catalog.regrole::text END,
       pg_catalog.string_agg(g.privilege_type, ' ' ORDER BY g.privilege_type COLLATE "C")
FROM house t CROSS JOIN LATERAL pg_catalog.aclexplode(t.relacl) g
WHERE g.grantee <> t.relowner AND (g.grantee = 0 OR g.grantee IN (SELECT oid FROM house_role))
GROUP BY t.relname, g.grantee
UNION ALL
SELECT t.relname, 'right on column ' || a.attname, a.attacl::text
FROM house t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid WHERE a.attacl IS NOT NULL
UNION ALL
SELECT p.proname, 'function', pg_catalog.pg_get_function_identity_arguments(p.oid)
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'ledger'
UNION ALL
SELECT rolname, 'setting', setting
FROM house_role r JOIN pg_catalog.pg_db_role_setting s ON s.setrole = r.oid
AND s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
CROSS JOIN LATERAL unnest(s.setconfig) setting
UNION ALL
SELECT 'database', 'setting', setting
FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) setting
WHERE s.setrole = 0 AND s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database
                                              WHERE datname = pg_catalog.current_database()))
AND pg_catalog.split_part(setting, '=', 1) IN ('search_path', 'row_security', 'session_replication_role',
                                               'session_preload_libraries', 'local_preload_libraries')
UNION ALL
SELECT rolname, 'power', 'superuser or row security passed by'
FROM house_role JOIN pg_catalog.pg_roles USING (oid, rolname) WHERE rolsuper OR rolbypassrls
ORDER BY 1, 2, 3
