import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { Pool } from "pg";
import { explainFailure, failureOf } from "./failure.ts";
import { type DatabasePool, openPool, type PoolOptions } from "./pool.ts";

/** A database to ask: its pool of connections is `$client`. */
export type Db = { readonly $client: DatabasePool };

/** A database to ask single statements of: a {@link Db}, or one for a question whose answer may become unwanted. */
export type Queryable = { readonly $client: Pick<Pool, "query"> };

/** The database for one question: when the signal aborts, its statements are cancelled in PostgreSQL. */
export function cancelledBy({ $client }: Db, signal: AbortSignal): Queryable {
  return { $client: $client.cancelledBy(signal) };
}

/** Opens a pool, which connects when first asked; `db.$client.end()` closes it. */
export function connect(options: PoolOptions): Db {
  return { $client: openPool(options) };
}

/**
 * Fails where waiting does not help: a database that is away may come back, but one that refuses us or has the wrong
 * encoding stays as it is. Called once at start.
 *
 * @param variable the setting that names the database.
 * @throws {UsageError} when PostgreSQL refuses the user, the password or the database, or its encoding is not UTF8.
 */
export async function refuseWrongUrl(pool: Pool, variable: string): Promise<void> {
  try {
    await pool.query("select 1");
  } catch (error) {
    const { kind, message } = failureOf(error);
    if (kind !== "world") throw new UsageError(`${variable}: ${explainFailure(error) ?? message}`);
  }
}
