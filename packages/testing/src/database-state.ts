import type { Client } from "pg";

/** Bytes of the tables that are emptied, with their indexes. Beyond this, a new database costs less. */
const BYTES_MAX = 2 * 1_024 * 1_024;

/** The catalogs that statements about one database write to; the others describe PostgreSQL itself. */
const CATALOGS = [
  ...["pg_attrdef", "pg_attribute", "pg_class", "pg_constraint", "pg_default_acl", "pg_depend"],
  ...["pg_description", "pg_event_trigger", "pg_extension", "pg_index", "pg_inherits"],
  ...["pg_largeobject_metadata", "pg_namespace", "pg_partitioned_table", "pg_policy", "pg_proc"],
  ...[
    "pg_publication",
    "pg_rewrite",
    "pg_sequence",
    "pg_statistic",
    "pg_statistic_ext",
    "pg_trigger",
    "pg_type",
  ],
];

const IS_OURS = "relnamespace <> all ('{pg_catalog,pg_toast,information_schema}'::regnamespace[])";

/** What `alter database`, `grant … on database` and `alter role … in database` change. The name does not count. */
const SETTINGS = `
  select 'settings', concat_ws(' ', to_jsonb(d) - '{oid,datname,datfrozenxid,datminmxid}'::text[],
    shobj_description(oid, 'pg_database'),
    (select array_agg(s::text order by s::text) from pg_db_role_setting s where setdatabase = d.oid))
  from pg_database d where datname = current_database()`;

/** The planner's estimates, which are changed in place. */
const ESTIMATES = `
  select 'estimates', string_agg(concat_ws(' ', oid, reltuples), ',' order by oid) from pg_class
  where relkind in ('r', 'i') and ${IS_OURS}`;

/** Our tables that have pages, those first to which no other refers. */
const USED_TABLES = `
  select oid::regclass::text as name, pg_total_relation_size(oid)::int as bytes from pg_class
  where relkind = 'r' and ${IS_OURS} and pg_relation_size(oid) > 0
  order by exists (select from pg_constraint where confrelid = pg_class.oid), name`;

/** Statements that set each sequence to its present value. */
const SEQUENCES = `
  select format('select setval(%s, %s, %L)', seqrelid, coalesce(last, seqstart), last is not null) as statement
  from (select *, pg_sequence_last_value(seqrelid) as last from pg_sequence) as sequences`;

/** What a database was like before a test. */
export type DatabaseState = {
  /** Schema, estimates, rights and settings, to compare. */
  definition: string;
  /** Tables that the migrations have filled, and their rows, to compare. */
  filled: string[];
  filledRows: string;
  /** Statements that restore the sequences. */
  sequences: string[];
};

export async function readState(client: Client): Promise<DatabaseState> {
  const filled = (await usedTables(client)).map(({ name }) => name);
  const sequences = await client.query<{ statement: string }>(SEQUENCES);
  return {
    definition: await readDefinition(client),
    filled,
    filledRows: await readRows(client, filled.map(rowVersions)),
    sequences: sequences.rows.map(({ statement }) => statement),
  };
}

/** Empties the tables. False when the database has grown, or differs in anything but rows and sequences: drop it. */
export async function restoreState(client: Client, before: DatabaseState): Promise<boolean> {
  if ((await readDefinition(client)) !== before.definition) return false;
  if ((await readRows(client, before.filled.map(rowVersions))) !== before.filledRows) return false;
  const used = (await usedTables(client)).filter(({ name }) => !before.filled.includes(name));
  if (used.reduce((sum, { bytes }) => sum + bytes, 0) > BYTES_MAX) return false;
  const deletes = used.map(({ name }) => `delete from only ${name}`);
  await client.query([...deletes, ...before.sequences].join(";"));
  return true;
}

async function readDefinition(client: Client): Promise<string> {
  return readRows(client, [...CATALOGS.map(rowVersions), SETTINGS, ESTIMATES]);
}

async function readRows(client: Client, parts: string[]): Promise<string> {
  return JSON.stringify((await client.query(parts.join(" union all "))).rows);
}

async function usedTables(client: Client): Promise<{ name: string; bytes: number }[]> {
  return (await client.query<{ name: string; bytes: number }>(USED_TABLES)).rows;
}

/** SQL: a row that was written since has a higher `xmin` than all before it, and one that was deleted is missing. */
function rowVersions(table: string): string {
  return `select '${table}', concat_ws(' ', count(*), max(xmin::text::bigint)) from ${table}`;
}
