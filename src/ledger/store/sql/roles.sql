-- The roles of the house, made once a database cluster (ledger-format 3.1, "Roles").
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['ledger_writer', 'views_writer', 'signer', 'reader', 'analyst'] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', role);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', role);
    END LOOP;
END
$$;
