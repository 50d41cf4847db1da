import type { SQL } from "drizzle-orm";
import type { DatabasePool } from "../postgres/pool.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";
import { requireMigrations } from "./migrations.ts";
import { TABLES } from "./tables.ts";

/** The tables that questions read. Month partitions need no rights: they are read through `model_views`. */
const READ_TABLES = [
  "model_views",
  "model_viewers",
  "model_totals",
  "model_days",
  "model_months",
  "model_values",
  "site_days",
  "site_months",
  "site_values",
  "changed_days",
  "viewer_numbers",
  "model_hours",
  "site_hours",
  "site_hour_values",
  "finalized_hours",
  "changed_hours",
  "retired_months",
  "reporting_zones",
];

/** What triggers call when days and hours of models are deleted. They have the rights of their owner. */
const TRIGGER_FUNCTIONS = ["model_days_deleted", "model_hours_deleted"];

/** The columns of the website's table that we may read; no others are needed. */
const MODELS_COLUMNS = ["id", "name", "category", "created_at"];

/** SQL: a part of `with` that names the schema `s`, with its oid where it is there. */
function schemaNamed(schema: string): SQL {
  return sql`s as (
    select ${schema}::text as name, (select oid from pg_namespace where nspname = ${schema}) as oid
  )`;
}

/** SQL: a part of `with` that names these tables of the schema `s` as `given`, with their oid and owner where they are there. */
function tablesNamed(tables: readonly string[]): SQL {
  return sql`given as (
    select t.name, c.oid, c.relowner from unnest(${sql.param(tables)}::text[]) t(name) cross join s
    left join pg_class c on c.relnamespace = s.oid and c.relname = t.name
  )`;
}

/** SQL: the rows of a schema and of tables that are missing altogether. */
const MISSING = sql`
  select 'npm run migrate, which makes the schema ' || s.name as grant from s where oid is null
  union all select 'npm run migrate, which makes the table ' || given.name from given, s
  where s.oid is not null and given.oid is null`;

/** SQL: whether a column of `models` that we need may not be read. */
function hidesColumn(oid: SQL, mayRead: SQL): SQL {
  return sql`exists (
    select from pg_attribute a
    where a.attrelid = ${oid} and a.attname = any(${sql.param(MODELS_COLUMNS)}) and not ${mayRead}
  )`;
}

/** SQL: the columns of `models`, as a grant lists them. */
const COLUMNS = sql`${MODELS_COLUMNS.join(", ")}::text`;

/**
 * The statements that let a role, by default the one that asks, read what questions read, where it may not yet.
 */
export async function missingGrants(
  ask: Ask,
  { schema, role = null }: { schema: string; role?: string | null },
): Promise<string[]> {
  const mayRead = sql`has_column_privilege(r.name, given.oid, a.attnum, 'select')`;
  return grantsOf(
    ask,
    sql`
    with r as (select coalesce(${role}::text, current_user::text) as name), ${schemaNamed(schema)},
    ${tablesNamed([...READ_TABLES, "models"])}
    select format('grant connect on database %I to %I', current_database(), r.name) as grant from r
    where not has_database_privilege(r.name, current_database(), 'connect')
    union all ${MISSING}
    union all select format('grant usage on schema %I to %I', s.name, r.name) from r, s
    where not has_schema_privilege(r.name, s.oid, 'usage')
    union all select format('grant select on %I.%I to %I', s.name, given.name, r.name) from r, s, given
    where given.name <> 'models' and not has_table_privilege(r.name, given.oid, 'select')
    union all select format('grant select (%s) on %I.models to %I', ${COLUMNS}, s.name, r.name) from r, s, given
    where given.name = 'models' and ${hidesColumn(sql`given.oid`, mayRead)}`,
  );
}

/** The statements that let the role of this pool record, maintain, and do what admins ask for, where it may not yet. */
async function missingRights(pool: DatabasePool): Promise<string[]> {
  const mayRead = sql`has_column_privilege(models.oid, a.attnum, 'select')`;
  return grantsOf(
    asking(pool),
    sql`
    with ${schemaNamed(pool.schema)}, ${tablesNamed(TABLES)}, models as (
      select c.oid, s.name as schema from s join pg_class c on c.relnamespace = s.oid and c.relname = 'models'
    )
    ${MISSING}
    union all select format('grant usage, create on schema %I to %I', s.name, current_user) from s
    where oid is not null and not (has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create'))
    union all select format('alter table %I.%I owner to %I', s.name, given.name, current_user) from given, s
    where given.oid is not null and not pg_has_role(relowner, 'usage')
    union all select format('alter function %I.%I() owner to %I', s.name, proname, current_user)
    from pg_proc p join s on s.oid = p.pronamespace
    where proname = any(${sql.param(TRIGGER_FUNCTIONS)}) and not pg_has_role(proowner, 'usage')
    union all select format('grant select (%s) on %I.models to %I', ${COLUMNS}, schema, current_user) from models
    where ${hidesColumn(sql`models.oid`, mayRead)}
    union all select format('grant update on %I.models to %I', schema, current_user) from models
    where not has_table_privilege(models.oid, 'update')`,
  );
}

async function grantsOf(ask: Ask, statement: SQL): Promise<string[]> {
  const { rows } = await ask<{ grant: string }>(statement);
  return rows.map(({ grant }) => grant);
}

/**
 * Resolves when PostgreSQL answers and lets this role record, maintain, and do what admins ask for, and all
 * migrations of this version ran.
 *
 * @throws with every statement that is missing, or every migration.
 */
export async function requireRights(pool: DatabasePool): Promise<void> {
  refuse(await missingRights(pool));
  await requireMigrations(asking(pool));
}

/** The same for what questions read. */
export async function requireReading(pool: DatabasePool): Promise<void> {
  refuse(await missingGrants(asking(pool), { schema: pool.schema }));
}

function refuse(missing: readonly string[]): void {
  if (missing.length > 0)
    throw new Error(`missing, to be run by the owner or a superuser: ${missing.join("; ")}`);
}
