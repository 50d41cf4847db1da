import { fileURLToPath } from "node:url";
import { escapeIdentifier } from "pg";
import type { Db } from "../postgres/connect.ts";
import { readMigrationFiles } from "../postgres/drizzle.ts";
import { type Ask, inTransaction } from "../postgres/transaction.ts";
import { checkDatabase } from "./check-database.ts";
import { ensureMonthPartitions } from "./partitions.ts";
import { MIGRATIONS_TABLE } from "./tables.ts";

/** Any fixed number: whoever migrates holds this advisory lock, so that two at once do it one after the other. */
const MIGRATION_LOCK = 7_234_817_001;

/** Milliseconds that a statement of a migration may take, or wait for another who migrates. */
const STATEMENT_TIMEOUT_MS = 24 * 3_600_000;

/** Months before this one that get a partition: as far back as late views and the usual retention reach. */
const MONTHS_BACK = 3;

const MIGRATIONS_FOLDER = fileURLToPath(new URL("../../migrations", import.meta.url));

export type Migrated = {
  /** What works, but not as the database's owner may expect: of the website's own table of models. */
  warnings: string[];
};

/**
 * Brings our schema up to date, with partitions for the months around `now`. Safe to run again, and by several
 * processes at once. Everything is judged before anything is made, and all migrations are one transaction. Which of them ran
 * is noted in the same schema, in a table of our own: a website that uses Drizzle as well has another.
 *
 * @throws {UsageError} with every reason why the database cannot be used.
 */
export async function migrate(db: Db, { now }: { now: Date }): Promise<Migrated> {
  const { $client: pool } = db;
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const migrated = await inTransaction(pool, options, async (ask) => {
    await ask("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const { hasSchema, hasNoteToMove, warnings } = await checkDatabase(ask, pool.schema);
    if (!hasSchema) await ask(`create schema ${escapeIdentifier(pool.schema)}`);
    if (hasNoteToMove) {
      await ask(`alter table drizzle.${MIGRATIONS_TABLE} set schema ${escapeIdentifier(pool.schema)}`);
    }
    await applyMigrations(ask);
    return { warnings };
  });
  await ensureMonthPartitions(pool, { now, monthsBack: MONTHS_BACK });
  return migrated;
}

/** Drizzle's own migrator would make a schema for its notes, which takes a right that a role need not have. */
async function applyMigrations(ask: Ask): Promise<void> {
  await ask(
    `create table if not exists ${MIGRATIONS_TABLE} (id serial primary key, hash text not null, created_at bigint)`,
  );
  const { rows } = await ask<{ last: number }>(
    `select coalesce(max(created_at), 0)::float8 as last from ${MIGRATIONS_TABLE}`,
  );
  const last = rows[0]?.last ?? 0;
  for (const { sql, hash, folderMillis } of readMigrationFiles({ migrationsFolder: MIGRATIONS_FOLDER })) {
    if (folderMillis <= last) continue;
    for (const statement of sql) await ask(statement);
    await ask(`insert into ${MIGRATIONS_TABLE} (hash, created_at) values ($1, $2)`, [hash, folderMillis]);
  }
}
