import { fileURLToPath } from "node:url";
import { waitForLock } from "../postgres/advisory-locks.ts";
import type { Db } from "../postgres/connect.ts";
import { readMigrationFiles } from "../postgres/drizzle.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { checkDatabase } from "./check-database.ts";
import { ensureMonthPartitions } from "./partitions.ts";
import { MIGRATIONS_TABLE } from "./tables.ts";

/** Milliseconds that a statement of a migration may take, or wait for another process that migrates. */
const STATEMENT_TIMEOUT_MS = 24 * 3_600_000;

/** Months before this one that get a partition: as far back as late views and the usual retention reach. */
const MONTHS_BACK = 3;

const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));

export type Migrated = {
  /** What works, but not as the database's owner may expect: about the website's own table of models. */
  warnings: string[];
};

/**
 * Brings our schema up to date, with partitions for the months around `now`. Safe to run again, and by several
 * processes at once. Everything is checked before anything is made, and all migrations are one transaction. The list of
 * those that ran is in the same schema, but not in Drizzle's table, because a website may use that.
 *
 * @throws {UsageError} with every reason why the database cannot be used.
 */
export async function migrate(db: Db, { now }: { now: Date }): Promise<Migrated> {
  const { $client: pool } = db;
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const migrated = await inTransaction(pool, options, async (ask) => {
    await waitForLock(ask, "migrate");
    const { hasSchema, hasNoteToMove, warnings } = await checkDatabase(ask, pool.schema);
    const schema = sql.identifier(pool.schema);
    if (!hasSchema) await ask(sql`create schema ${schema}`);
    if (hasNoteToMove) await ask(sql`alter table drizzle.${TABLE} set schema ${schema}`);
    await applyMigrations(ask);
    return { warnings };
  });
  await ensureMonthPartitions(pool, { now, monthsBack: MONTHS_BACK });
  return migrated;
}

const TABLE = sql.identifier(MIGRATIONS_TABLE);

/** Drizzle's own migrator would make a schema for its notes, which needs a right that a role may not have. */
async function applyMigrations(ask: Ask): Promise<void> {
  await ask(
    sql`create table if not exists ${TABLE} (id serial primary key, hash text not null, created_at bigint)`,
  );
  const { rows } = await ask<{ last: number }>(
    sql`select coalesce(max(created_at), 0)::float8 as last from ${TABLE}`,
  );
  const last = rows[0]?.last ?? 0;
  for (const migration of readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER })) {
    const { sql: statements, hash, folderMillis } = migration;
    if (folderMillis <= last) continue;
    for (const statement of statements) await ask(statement);
    await ask(sql`insert into ${TABLE} (hash, created_at) values (${hash}, ${folderMillis})`);
  }
}
