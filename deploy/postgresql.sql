-- What a superuser does once, before the first `upheld upgrade`. Running it again changes nothing.
--
--   psql -U postgres -v database=upheld -v owner=upheld_owner -v run=upheld_run \
--        -f deploy/postgresql.sql
--
-- Then give both logins a way in (\password upheld_owner, \password upheld_run, pg_hba.conf), and
--   UPHELD_DATABASE_URL=postgres://upheld_run:…@host/upheld
--   UPHELD_DATABASE_OWNER_URL=postgres://upheld_owner:…@host/upheld
-- The owner's URL is for `upheld upgrade` alone; the process that serves does not need it.

\set ON_ERROR_STOP on
\if :{?database}
\else
  \set database upheld
\endif
\if :{?owner}
\else
  \set owner upheld_owner
\endif
\if :{?run}
\else
  \set run upheld_run
\endif

-- The owner has the tables, and makes a role for each purpose that the policy names. The run login
-- owns nothing, may nothing by itself, and takes those roles one at a time.
SELECT format('CREATE ROLE %I LOGIN NOINHERIT CREATEROLE', :'owner')
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'owner') \gexec
SELECT format('CREATE ROLE %I LOGIN NOINHERIT', :'run')
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'run') \gexec

SELECT format('CREATE DATABASE %I OWNER %I ENCODING ''UTF8'' TEMPLATE template0',
              :'database', :'owner')
WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
GRANT ALL ON DATABASE :"database" TO :"owner";
GRANT CONNECT ON DATABASE :"database" TO :"run";

\connect :"database"

ALTER SCHEMA public OWNER TO :"owner";
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;

-- set_config('role', …) is a plain SELECT and would choose any role. pg_dump calls it, so the
-- owner keeps it. Blocks (DO) and large objects would pass the column grants by.
REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) TO :"owner";
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO :"owner";
REVOKE EXECUTE ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer),
    pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC;

-- A failed statement is logged without the row it failed on.
ALTER ROLE :"owner" SET log_error_verbosity = 'terse';
ALTER ROLE :"run" SET log_error_verbosity = 'terse';
