import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { type ClientBase, escapeIdentifier, escapeLiteral } from "pg";

/** The one encoding that holds every view. */
const ENCODING = "UTF8";

/** Milliseconds that a transaction may wait for us before PostgreSQL ends it: it holds locks that maintenance needs. */
export const IDLE_IN_TRANSACTION_MS = 60_000;

/** The database cannot be used as it is: its owner has to change it. */
export class UnfitDatabaseError extends UsageError {
  override name = "UnfitDatabaseError";
}

export type SessionOptions = {
  /** Where our tables are. */
  schema: string;
  /** Milliseconds; 0: no limit. */
  statementTimeoutMs: number;
  /** Every transaction is read-only unless it says otherwise. */
  readOnly: boolean;
};

/** Names and values, as `set_config` and `set local` take them. */
export type SessionSettings = readonly (readonly [name: string, value: string])[];

/**
 * What our statements rely on, and a server, a database or a role may have set to something else: how times, numbers and
 * arrays are written and read, where tables are found, and which isolation the recording is built upon.
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

/** What each transaction has to set again, of the connections that a pooler lends to others between two transactions. */
const pooled = new WeakMap<ClientBase, string>();

/**
 * Gives a new connection its settings, in one round trip. Where a pooler stands in between, nothing is set that outlives
 * the transaction, because the next one may be on another connection of the server, and this connection may serve
 * another program next: each transaction sets them (see {@link begin}), and statements are not prepared.
 *
 * A pooler shows in the number of the server's process: it gives its clients one of its own.
 *
 * @returns whether there is a pooler.
 * @throws {UnfitDatabaseError} when the database has another encoding than UTF8.
 */
export async function settleSession(
  client: ClientBase,
  { settings, timeoutMs }: { settings: SessionSettings; timeoutMs: number },
): Promise<boolean> {
  const isOther = "pg_backend_pid() is distinct from $1::int";
  const set = settings.map(
    ([name, value]) => `set_config(${escapeLiteral(name)}, ${escapeLiteral(value)}, ${isOther})`,
  );
  const { rows } = await client.query<{ isPooled: boolean; encoding: string; database: string }>({
    text: `select ${isOther} as "isPooled", current_setting('server_encoding') as encoding,
      current_database() as database, ${set.join(", ")}`,
    values: [processOf(client)],
    query_timeout: timeoutMs,
  } as SettlingQuery);
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

/** pg's types leave out the time limit of a single query. */
type SettlingQuery = { text: string; values: unknown[]; query_timeout: number };

/** The number of the server process, as the connection was given it; pg's types leave it out. */
function processOf(client: ClientBase): number | null {
  return "processID" in client && typeof client.processID === "number" ? client.processID : null;
}

function setLocal([name, value]: SessionSettings[number]): string {
  if (name === "search_path") return `set local search_path = ${value}; `;
  if (name === "default_transaction_read_only") return "set local transaction_read_only = on; ";
  return `set local ${name} = ${escapeLiteral(value)}; `;
}

/** A prepared statement stays with one connection of the server, and the next transaction may be on another. */
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
