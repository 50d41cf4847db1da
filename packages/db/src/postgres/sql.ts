import { createRequire } from "node:module";
import type { SQL } from "drizzle-orm";
import type * as Casing from "drizzle-orm/casing";
import type * as Sql from "drizzle-orm/sql/sql";
import type { Pool, QueryResult, QueryResultRow } from "pg";

/**
 * Of Drizzle only the `sql` template, from the CommonJS build (docs/adr/0014-drizzle-as-commonjs.md): 20 ms of processor time
 * and under 1 MB, so the worker can load it as well.
 */
const require = createRequire(import.meta.url);
const { CasingCache } = require("drizzle-orm/casing") as typeof Casing;

/**
 * A statement, or a part of one, as a value. What is interpolated becomes a parameter, unless it is `sql` itself: then it
 * becomes part of the text. An array stands as `(a, b)`; `sql.param(array)` makes it one parameter. `undefined` leaves out
 * what it stands for, so an absent value must be written as `null`.
 *
 * @example
 * const where = sql`viewed_at >= ${from} and viewed_at < ${to}`;
 * const { rows } = await ask<{ views: number }>(sql`select count(*)::int as views from model_views where ${where}`);
 */
export const { sql } = require("drizzle-orm/sql/sql") as typeof Sql;

/** How PostgreSQL writes names, parameters and texts. Drizzle's dialect has the same rules, and loads four times as much. */
const POSTGRESQL = {
  casing: new CasingCache(),
  escapeName: (name: string) => `"${name.replaceAll('"', '""')}"`,
  escapeParam: (index: number) => `$${index + 1}`,
  escapeString: (text: string) => `'${text.replaceAll("'", "''")}'`,
};

/** The statement as pg takes it, without a name: nothing of it stays on the server (see session.ts). Text has no values. */
export function toQuery(statement: SQL | string): { text: string; values: unknown[] } {
  if (typeof statement === "string") return { text: statement, values: [] };
  const { sql: text, params: values } = statement.toQuery(POSTGRESQL);
  return { text, values };
}

/** Runs one statement. Plain text is for statements without values, such as `commit`. */
export type Ask = <Row extends QueryResultRow>(statement: SQL | string) => Promise<QueryResult<Row>>;

/** Runs statements on a pool, each on a free connection, or on one connection. */
export function asking(pool: Pick<Pool, "query">): Ask {
  return (statement) => pool.query(toQuery(statement));
}
