import type { DatabasePool } from "../postgres/pool.ts";
import { TABLES } from "./tables.ts";

/** What questions read. Month partitions need nothing of their own: they are read through `model_views`. */
const READ_TABLES = [
  "model_views",
  "model_viewers",
  "model_totals",
  "model_days",
  "model_periods",
  "site_periods",
  "retired_months",
];

/** Of the website's table no more than what is ours to know. */
const MODELS_COLUMNS = "id, name, category, created_at";

/** SQL: what makes a schema or a table that is not there at all. */
const MIGRATE = "'npm run migrate, which makes'";

const READING = `
with r as (select coalesce($1::text, current_user::text) as name),
s as (select $2::text as name, (select oid from pg_namespace where nspname = $2) as oid),
given as (
  select t.name, c.oid from unnest($3::text[] || array['models']) t(name) cross join s
  left join pg_class c on c.relnamespace = s.oid and c.relname = t.name
)
select format('grant connect on database %I to %I', current_database(), r.name) as grant from r
where not has_database_privilege(r.name, current_database(), 'connect')
union all select ${MIGRATE} || ' the schema ' || s.name from s where s.oid is null
union all select ${MIGRATE} || ' the table ' || given.name from s, given where s.oid is not null and given.oid is null
union all select format('grant usage on schema %I to %I', s.name, r.name) from r, s
where not has_schema_privilege(r.name, s.oid, 'usage')
union all select format('grant select on %I.%I to %I', s.name, given.name, r.name) from r, s, given
where given.name <> 'models' and not has_table_privilege(r.name, given.oid, 'select')
union all select format('grant select (${MODELS_COLUMNS}) on %I.models to %I', s.name, r.name) from r, s, given
where given.name = 'models' and exists (
  select from pg_attribute a where a.attrelid = given.oid and a.attname = any(string_to_array($4, ', '))
    and not has_column_privilege(r.name, given.oid, a.attnum, 'select'))`;

/** Asks one statement: a pool, or a transaction. */
type AskGrants = (text: string, values: unknown[]) => Promise<{ rows: { grant: string }[] }>;

/** The statements that let a role, or the one who asks, read what questions read, as far as it does not have it yet. */
export async function missingGrants(
  ask: AskGrants,
  { schema, role = null }: { schema: string; role?: string | null },
): Promise<string[]> {
  const { rows } = await ask(READING, [role, schema, READ_TABLES, MODELS_COLUMNS]);
  return rows.map(({ grant }) => grant);
}

/** What our own tables and the website's models have to allow the role that records, maintains and migrates. */
const EVERYTHING = `
with s as (select $1::text as name, (select oid from pg_namespace where nspname = $1) as oid),
given as (
  select t.name, c.oid, c.relowner from unnest($2::text[]) t(name) cross join s
  left join pg_class c on c.relnamespace = s.oid and c.relname = t.name
), models as (
  select c.oid from s join pg_class c on c.relnamespace = s.oid and c.relname = 'models'
)
select ${MIGRATE} || ' the schema ' || s.name as grant from s where oid is null
union all select format('grant usage, create on schema %I to %I', s.name, current_user) from s
where oid is not null and not (has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create'))
union all select ${MIGRATE} || ' the table ' || given.name from given, s
where s.oid is not null and given.oid is null
union all select format('alter table %I.%I owner to %I', $1::text, given.name, current_user) from given
where given.oid is not null and not pg_has_role(relowner, 'usage')
union all select format('grant select (${MODELS_COLUMNS}) on %I.models to %I', $1::text, current_user) from models
where exists (
  select from pg_attribute a where a.attrelid = models.oid and a.attname = any(string_to_array($3, ', '))
    and not has_column_privilege(models.oid, a.attnum, 'select'))
union all select format('grant update on %I.models to %I', $1::text, current_user) from models
where not has_table_privilege(models.oid, 'update')`;

/** What the role of this pool would need besides what it has, to record, maintain, and do what admins ask for. */
async function missingRights(pool: DatabasePool): Promise<string[]> {
  const { rows } = await pool.query<{ grant: string }>(EVERYTHING, [pool.schema, TABLES, MODELS_COLUMNS]);
  return rows.map(({ grant }) => grant);
}

/**
 * Resolves when PostgreSQL answers and lets this role record, maintain, and do what admins ask for.
 *
 * @throws with every statement that is missing.
 */
export async function requireRights(pool: DatabasePool): Promise<void> {
  refuse(await missingRights(pool));
}

/** The same of what questions read. */
export async function requireReading(pool: DatabasePool): Promise<void> {
  const ask: AskGrants = (text, values) => pool.query<{ grant: string }>(text, values);
  refuse(await missingGrants(ask, { schema: pool.schema }));
}

function refuse(missing: readonly string[]): void {
  if (missing.length > 0)
    throw new Error(`missing, to be run by the owner or a superuser: ${missing.join("; ")}`);
}
