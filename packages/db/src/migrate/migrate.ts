import { DatabaseError } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import type { Db } from "../postgres/connect.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { useInitialZone } from "../reporting-zone/initial-zone.ts";
import { checkDatabase } from "./check-database.ts";
import { MIGRATIONS_FOLDER, type Migration, readMigrations, withoutApplied } from "./migrations.ts";
import { ensureMonthPartitions } from "./partitions.ts";
import { MIGRATIONS_TABLE } from "./tables.ts";

/** Milliseconds that a statement of a migration may take, or wait for another process that migrates. */
const STATEMENT_TIMEOUT_MS = 24 * 3_600_000;

/** Months before this one that get a partition: as far back as late views and the usual retention reach. */
const MONTHS_BACK = 3;

export type Migrated = {
  /** Names of the migrations that ran now. */
  applied: string[];
  /** What works, but not as the owner may expect: about the website's own table of models, or the reporting time zone. */
  warnings: string[];
};

/**
 * Brings our schema up to date, with partitions for the months around `now`. Safe to run again, and by several
 * processes at once. Everything is checked before anything is made, and all migrations are one transaction. The list of
 * those that ran is in the same schema, but not in Drizzle's table, because a website may use that.
 *
 * @param folder with the migrations; ours by default.
 * @param reportingTimeZone of the days, if there are no views yet.
 * @throws {UsageError} with every reason why the database cannot be used.
 * @throws {Error} with the name of the migration that failed; its cause is PostgreSQL's error.
 */
export async function migrate(
  db: Db,
  {
    now,
    folder = MIGRATIONS_FOLDER,
    reportingTimeZone,
  }: { now: Date; folder?: string; reportingTimeZone?: string | undefined },
): Promise<Migrated> {
  const { $client: pool } = db;
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const migrated = await inTransaction(pool, options, async (ask) => {
    await waitForLock(ask, "migrate");
    const { hasSchema, hasNoteToMove, warnings } = await checkDatabase(ask, pool.schema);
    const schema = sql.identifier(pool.schema);
    if (!hasSchema) await ask(sql`create schema ${schema}`);
    if (hasNoteToMove) await ask(sql`alter table drizzle.${TABLE} set schema ${schema}`);
    const applied = await applyMigrations(ask, readMigrations(folder));
    return { applied, warnings };
  });
  await ensureMonthPartitions(pool, { now, monthsBack: MONTHS_BACK });
  const zoneWarning = await useInitialZone(pool, reportingTimeZone);
  return zoneWarning === undefined
    ? migrated
    : { ...migrated, warnings: [...migrated.warnings, zoneWarning] };
}

const TABLE = sql.identifier(MIGRATIONS_TABLE);

/** Drizzle's own migrator would make a schema for its notes, which needs a right that a role may not have. */
async function applyMigrations(ask: Ask, migrations: readonly Migration[]): Promise<string[]> {
  await ask(
    sql`create table if not exists ${TABLE} (id serial primary key, hash text not null, created_at bigint)`,
  );
  const missing = await withoutApplied(ask, migrations);
  for (const migration of missing) await apply(ask, migration);
  return missing.map(({ tag }) => tag);
}

async function apply(ask: Ask, { tag, statements, hash, when }: Migration): Promise<void> {
  try {
    for (const statement of statements) await ask(statement);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    throw new Error(`the migration ${tag} failed, and nothing was changed`, { cause: error });
  }
  await ask(sql`insert into ${TABLE} (hash, created_at) values (${hash}, ${when})`);
}
