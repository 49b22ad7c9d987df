-- A login that discovery looks at roles with. It sees names, ends and comments of roles, which everybody on the server
-- may see, and of what kind their passwords are; it can read no verifier and change nothing.
-- Run as a superuser in the database that the connection names, with a password of your own:
--   psql --set=password="$(openssl rand -base64 30)" --file=postgresql.sql postgres

CREATE ROLE cre_discovery LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT 2
  PASSWORD :'password';
ALTER ROLE cre_discovery SET default_transaction_read_only = on;

-- The view runs with the rights of whoever made it: who may read it learns the kind of a verifier and nothing of it.
CREATE SCHEMA cre;
CREATE VIEW cre.password_kinds WITH (security_barrier) AS
  SELECT rolname AS role,
         CASE WHEN rolpassword IS NULL THEN 'none'
              WHEN rolpassword LIKE 'SCRAM-SHA-256$%' THEN 'scram'
              WHEN rolpassword LIKE 'md5%' THEN 'md5'
              ELSE 'other' END AS kind
    FROM pg_catalog.pg_authid;
REVOKE ALL ON SCHEMA cre FROM PUBLIC;
REVOKE ALL ON cre.password_kinds FROM PUBLIC;
GRANT USAGE ON SCHEMA cre TO cre_discovery;
GRANT SELECT ON cre.password_kinds TO cre_discovery;
