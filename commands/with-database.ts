import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** Says in words that PostgreSQL is not there; any other error is thrown as it is. */
export function unreachable(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && /^(ECONN|ENOTFOUND|EAI_|28)/.test(String(cause.code))) {
      throw new UsageError(`PostgreSQL cannot be reached (DATABASE_URL, where it is set): ${cause.message}`);
    }
  }
  throw error;
}

/**
 * Runs `work` with the database of `DATABASE_URL`, else with the local one: joined when it is running, and started
 * for as long as `work` takes when it is not.
 */
export async function withDatabase<Result>(
  {
    DATABASE_URL,
    DATABASE_SCHEMA,
    DATA_DIR,
  }: { DATABASE_URL?: string | undefined; DATABASE_SCHEMA: string; DATA_DIR: string },
  applicationName: string,
  work: (db: Db) => Promise<Result>,
): Promise<Result> {
  // Not made here: an empty one would answer, and say nothing of the data that is meant.
  if (DATABASE_URL === undefined && !existsSync(resolve(DATA_DIR, "postgres.password"))) {
    throw new UsageError(
      `there is no local PostgreSQL in ${DATA_DIR} (npm start makes one); set DATABASE_URL`,
    );
  }
  const postgres = await openLocalPostgres({
    dataDir: resolve(DATA_DIR),
    log: (line) => process.stderr.write(`${line}\n`),
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
  });
  try {
    const db = connect({
      databaseUrl: postgres.url,
      schema: DATABASE_SCHEMA,
      applicationName,
      connectionsMax: 2,
      statementTimeoutMs: 0,
      onError: (error) => process.stderr.write(`PostgreSQL: ${error.message}\n`),
    });
    try {
      return await work(db).catch(unreachable);
    } finally {
      await db.$client.end();
    }
  } finally {
    await postgres.stop();
  }
}
