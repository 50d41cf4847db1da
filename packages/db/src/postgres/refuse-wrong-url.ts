import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { Pool } from "pg";
import { explainFailure } from "./explain-failure.ts";
import { failureOf } from "./failure.ts";

/**
 * A database that is away may come back; one that does not let us in, or cannot be used, will not: that is
 * said at start.
 *
 * @param variable the setting that names it.
 * @throws {UsageError} when PostgreSQL refuses the user, the password or the database, or has another encoding than UTF8.
 */
export async function refuseWrongUrl(pool: Pool, variable: string): Promise<void> {
  try {
    await pool.query("select 1");
  } catch (error) {
    const { kind, message } = failureOf(error);
    if (kind !== "world") throw new UsageError(`${variable}: ${explainFailure(error) ?? message}`);
  }
}
