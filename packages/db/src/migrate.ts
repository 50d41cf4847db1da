import { fileURLToPath } from "node:url";
import { checkModelsTable } from "./check-models-table.ts";
import type { Db } from "./connect.ts";
import { applyMigrations, drizzle } from "./drizzle.ts";
import { ensureMonthPartitions } from "./partitions.ts";

/** Any fixed number: whoever migrates holds this advisory lock, so that two at once do it one after the other. */
const MIGRATION_LOCK = 7_234_817_001;

/** Months before this one that get a partition: as far back as late views and the usual retention reach. */
const MONTHS_BACK = 3;

const MIGRATIONS_FOLDER = fileURLToPath(new URL("../migrations", import.meta.url));

/**
 * Brings the schema up to date, with partitions for the months around `now`. Safe to run again, and by several
 * processes at once. Keeps its record in a table of its own, so that it can share a database with a website that
 * uses Drizzle as well.
 */
export async function migrate(db: Db, { now }: { now: Date }): Promise<void> {
  const client = await db.$client.connect();
  try {
    await client.query("set statement_timeout = 0");
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await applyMigrations(drizzle(client), {
      migrationsFolder: MIGRATIONS_FOLDER,
      migrationsTable: "model_views_migrations",
    });
    await checkModelsTable(client);
  } finally {
    // Ends the session, and with it the lock and the setting, whatever happened in between.
    client.release(true);
  }
  await ensureMonthPartitions(db.$client, { now, monthsBack: MONTHS_BACK });
}
