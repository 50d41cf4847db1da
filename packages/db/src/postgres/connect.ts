import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import { drizzle } from "./drizzle.ts";
import { type DatabasePool, openPool, type PoolOptions } from "./pool.ts";

/** A connected database: Drizzle's queries, and the pool of connections below as `$client`. */
export type Db = NodePgDatabase & { $client: DatabasePool };

/**
 * Opens a pool with Drizzle's queries on top; `db.$client.end()` closes it. Loading Drizzle takes some 40 MB of
 * memory, so the worker, whose one statement is plain SQL, does with the pool.
 */
export function connect(options: PoolOptions): Db {
  return drizzle<Record<string, never>, DatabasePool>(openPool(options));
}
