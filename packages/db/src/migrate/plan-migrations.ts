import { randomUUID } from "node:crypto";
import { connect, type Db } from "../postgres/connect.ts";
import { type Ask, asking, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { type Migration, readMigrations, withoutApplied } from "./migrations.ts";
import { MIGRATIONS_TABLE } from "./tables.ts";

/** Milliseconds that a statement on empty tables may take. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Modes of locks, the strongest last: https://www.postgresql.org/docs/current/explicit-locking.html */
const MODES = [
  "AccessShareLock",
  "RowShareLock",
  "RowExclusiveLock",
  "ShareUpdateExclusiveLock",
  "ShareLock",
  "ShareRowExclusiveLock",
  "ExclusiveLock",
  "AccessExclusiveLock",
] as const;
export type LockMode = (typeof MODES)[number];

/** What a migration would do. */
export type PlannedMigration = {
  /** Its name, such as `0000_initial`. */
  tag: string;
  statements: string[];
  /** The strongest lock that it takes of each table that is there before it, until its end; by the table's name. */
  locks: { table: string; mode: LockMode }[];
};

/**
 * Which migrations would run, and which locks would they take? Tried on empty tables in a separate schema, which is dropped
 * afterwards: tables with views are not touched. All migrations that are missing are one transaction when they run for real, so
 * the locks of each are held until the last has ended.
 *
 * @throws what PostgreSQL threw, such as that the role may not make schemas.
 */
export async function planMigrations(
  db: Db,
  { databaseUrl, folder }: { databaseUrl: string; folder?: string },
): Promise<PlannedMigration[]> {
  const migrations = readMigrations(folder);
  const missing = await missingIn(asking(db.$client), migrations);
  if (missing.length === 0) return [];
  const schema = `model_views_plan_${randomUUID().slice(0, 8)}`;
  const scratch = connect({
    databaseUrl,
    schema,
    applicationName: "model-views migrate --plan",
    connectionsMax: 1,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: () => {},
  });
  const ask = asking(db.$client);
  try {
    await ask(sql`create schema ${sql.identifier(schema)}`);
    const there = await tablesIn(ask);
    const planned: PlannedMigration[] = [];
    for (const migration of migrations) {
      const locks = await tryOn(scratch, migration);
      if (!missing.includes(migration)) continue;
      planned.push({
        tag: migration.tag,
        statements: migration.statements.map((each) => each.trim()),
        // Tables of earlier missing migrations are not there yet.
        locks: locks.filter(({ table }) => there.has(table)),
      });
    }
    return planned;
  } finally {
    await scratch.$client.end();
    await ask(sql`drop schema if exists ${sql.identifier(schema)} cascade`);
  }
}

async function missingIn(ask: Ask, migrations: readonly Migration[]): Promise<Migration[]> {
  const { rows } = await ask<{ there: boolean }>(
    sql`select to_regclass(${MIGRATIONS_TABLE}) is not null as there`,
  );
  return rows[0]?.there === true ? withoutApplied(ask, migrations) : [...migrations];
}

/** The names of the tables that are there. */
async function tablesIn(ask: Ask): Promise<Set<string>> {
  const { rows } = await ask<{ name: string }>(
    sql`select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
  );
  return new Set(rows.map(({ name }) => name));
}

/** Runs it, and returns the locks that it has at its end. */
function tryOn(scratch: Db, { statements }: Migration): Promise<PlannedMigration["locks"]> {
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  return inTransaction(scratch.$client, options, async (ask) => {
    const { rows: before } = await ask<{ oid: number }>(
      sql`select oid::int8::float8 as oid from pg_class where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`,
    );
    for (const statement of statements) await ask(statement);
    const { rows } = await ask<{ table: string; mode: LockMode }>(sql`
      select c.relname as "table", l.mode from pg_locks l join pg_class c on c.oid = l.relation
      where l.pid = pg_backend_pid() and l.locktype = 'relation'
        and c.oid = any(${sql.param(before.map(({ oid }) => oid))}::oid[]) order by 1`);
    const strongest = new Map<string, LockMode>();
    for (const { table, mode } of rows) {
      const known = strongest.get(table);
      if (known === undefined || MODES.indexOf(mode) > MODES.indexOf(known)) strongest.set(table, mode);
    }
    return [...strongest].map(([table, mode]) => ({ table, mode }));
  });
}
