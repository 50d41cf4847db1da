#!/bin/sh
# Run once by the image of PostgreSQL, when its volume is made: the database's owner, and who may only ask for statistics.
# Neither is a superuser. That one, postgres, then has no password any more: it is let in from inside its container alone
# (docker compose exec --user postgres postgres psql).
set -eu
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv owner_password POSTGRES_PASSWORD
\getenv stats_password STATS_DATABASE_PASSWORD
create role model_views login nosuperuser nocreatedb nocreaterole password :'owner_password';
create role model_views_stats login nosuperuser nocreatedb nocreaterole password :'stats_password';
create database model_views owner model_views;
revoke all on database model_views from public;
grant connect on database model_views to model_views_stats;
alter role postgres password null;
SQL
