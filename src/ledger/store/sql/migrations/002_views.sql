-- Where projections keep their tables: theirs to make, drop and rebuild.
CREATE SCHEMA views AUTHORIZATION views_writer;
CREATE SCHEMA views_next AUTHORIZATION views_writer;   -- where a rebuild stands until it is moved
GRANT USAGE ON SCHEMA views TO reader, analyst;
ALTER DEFAULT PRIVILEGES FOR ROLE views_writer GRANT SELECT ON TABLES TO reader, analyst;
