import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";
import { sql, toQuery } from "./sql.ts";

/** The one encoding that holds every view. */
const ENCODING = "UTF8";

/** Milliseconds that PostgreSQL lets a transaction wait for its next statement: it holds locks that maintenance needs. */
export const IDLE_IN_TRANSACTION_MS = 60_000;

/** The database cannot be used unless its owner changes it. */
export class UnfitDatabaseError extends UsageError {
  override name = "UnfitDatabaseError";
}

export type SessionOptions = {
  /** The schema of our tables. */
  schema: string;
  /** Milliseconds; 0: no limit. */
  statementTimeoutMs: number;
  /** Every transaction is read-only unless it asks for more. */
  readOnly: boolean;
};

/** Names and values, as `set_config` and `set local` take them. */
export type SessionSettings = readonly (readonly [name: string, value: string])[];

/**
 * The settings that our statements rely on, and that a server, a database or a role may have changed: how times, numbers
 * and arrays are written and read, where tables are found, and the isolation that recording needs.
 */
export function sessionSettings({ schema, statementTimeoutMs, readOnly }: SessionOptions): SessionSettings {
  return [
    ["datestyle", "ISO, YMD"],
    ["intervalstyle", "postgres"],
    ["timezone", "UTC"],
    ["extra_float_digits", "1"],
    ["bytea_output", "hex"],
    ["standard_conforming_strings", "on"],
    ["array_nulls", "on"],
    ["quote_all_identifiers", "off"],
    ["search_path", escapeIdentifier(schema)],
    ["default_transaction_isolation", "read committed"],
    ["lock_timeout", "0"],
    ["statement_timeout", String(statementTimeoutMs)],
    ["idle_in_transaction_session_timeout", String(IDLE_IN_TRANSACTION_MS)],
    ...(readOnly ? ([["default_transaction_read_only", "on"]] as const) : []),
  ];
}

/** Connections through a pooler, and the SQL by which each of their transactions sets our settings again. */
const pooled = new WeakMap<ClientBase, string>();

/**
 * Gives a new connection its settings, in one round trip. Through a pooler nothing is set that outlives the transaction:
 * the next transaction may be on another connection of the server, and this one may serve another program. So each
 * transaction sets them ({@link begin}), and statements are not prepared.
 *
 * A pooler is recognized by the process id of the connection: it gives its clients one that is not the server's.
 *
 * @returns whether there is a pooler.
 * @throws {UnfitDatabaseError} when the database has another encoding than UTF8.
 */
export async function settleSession(
  client: ClientBase,
  { settings, timeoutMs }: { settings: SessionSettings; timeoutMs: number },
): Promise<boolean> {
  const isOther = sql`pg_backend_pid() is distinct from ${processOf(client)}::int`;
  const set = settings.map(([name, value]) => sql`set_config(${name}, ${value}, ${isOther})`);
  const statement = sql`
    select ${isOther} as "isPooled", current_setting('server_encoding') as encoding,
      current_database() as database, ${sql.join(set, sql`, `)}`;
  const query = { ...toQuery(statement), query_timeout: timeoutMs };
  const { rows } = await client.query<{ isPooled: boolean; encoding: string; database: string }>(query);
  const { isPooled = true, encoding = "", database = "" } = rows[0] ?? {};
  if (encoding !== ENCODING) {
    throw new UnfitDatabaseError(
      `The database ${database} has the encoding ${encoding}, which cannot hold every name; UTF8 is needed.
Make one with it: create database … template template0 encoding 'UTF8';`,
    );
  }
  if (isPooled) {
    pooled.set(client, settings.map(setLocal).join(""));
    withoutPreparing(client);
  }
  return isPooled;
}

/** The id of the server's process, as the connection knows it; pg's types leave it out. */
function processOf(client: ClientBase): number | null {
  return "processID" in client && typeof client.processID === "number" ? client.processID : null;
}

function setLocal([name, value]: SessionSettings[number]): string {
  if (name === "search_path") return `set local search_path = ${value}; `;
  if (name === "default_transaction_read_only") return "set local transaction_read_only = on; ";
  return `set local ${name} = ${escapeLiteral(value)}; `;
}

/** A prepared statement belongs to one connection of the server, and the next transaction may be on another. */
function withoutPreparing(client: ClientBase): void {
  const query: (...args: unknown[]) => unknown = client.query.bind(client);
  Object.assign(client, {
    query: (statement: unknown, ...rest: unknown[]) =>
      query(
        typeof statement === "object" && statement !== null && "name" in statement
          ? { ...statement, name: undefined }
          : statement,
        ...rest,
      ),
  });
}

export type TransactionMode = "isolation level read committed" | "isolation level repeatable read read only";

/** SQL that begins a transaction in which our settings hold, also behind a pooler. */
export function begin(client: ClientBase, mode: TransactionMode = "isolation level read committed"): string {
  return `begin ${mode}; ${pooled.get(client) ?? ""}`;
}
