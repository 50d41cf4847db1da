import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";

/** Throws a {@link UsageError} for a PostgreSQL that cannot be reached, and any other error as it is. */
export function unreachable(error: unknown): never {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && /^(ECONN|ENOTFOUND|EAI_|28)/.test(String(cause.code))) {
      throw new UsageError(`PostgreSQL cannot be reached (DATABASE_URL, where it is set): ${cause.message}`);
    }
  }
  throw error;
}

/**
 * Runs `work` with the database of `DATABASE_URL`, else with the local one, and its connection string. A local server that is not running is started for
 * as long as `work` takes.
 *
 * @throws {UsageError} when there is none, or it cannot be reached.
 */
export async function withDatabase<Result>(
  {
    DATABASE_URL,
    DATABASE_SCHEMA,
    DATA_DIR,
  }: { DATABASE_URL?: string | undefined; DATABASE_SCHEMA: string; DATA_DIR: string },
  applicationName: string,
  work: (db: Db, databaseUrl: string) => Promise<Result>,
): Promise<Result> {
  // A new, empty one would hide that DATA_DIR is wrong.
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
      return await work(db, postgres.url).catch(unreachable);
    } finally {
      await db.$client.end();
    }
  } finally {
    await postgres.stop();
  }
}
