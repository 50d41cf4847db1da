import { resolve } from "node:path";
import { connect, type Db } from "@model-views/db/connect.ts";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";

/**
 * Runs `work` with the database of `DATABASE_URL`, else with the local one: joined when it is running, and started
 * for as long as `work` takes when it is not.
 */
export async function withDatabase<Result>(
  { DATABASE_URL, DATA_DIR }: { DATABASE_URL?: string | undefined; DATA_DIR: string },
  applicationName: string,
  work: (db: Db) => Promise<Result>,
): Promise<Result> {
  const postgres = await openLocalPostgres({
    dataDir: resolve(DATA_DIR),
    log: (line) => process.stderr.write(`${line}\n`),
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
  });
  try {
    const db = connect({
      databaseUrl: postgres.url,
      applicationName,
      connectionsMax: 2,
      statementTimeoutMs: 0,
      onError: (error) => process.stderr.write(`PostgreSQL: ${error.message}\n`),
    });
    try {
      return await work(db);
    } finally {
      await db.$client.end();
    }
  } finally {
    await postgres.stop();
  }
}
