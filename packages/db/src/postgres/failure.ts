import { adviceOn } from "@model-views/shared/runtime/error-text.ts";
import { DatabaseError } from "pg";

/**
 * What a failed statement means:
 * - `data`: PostgreSQL refuses these values, and always will;
 * - `world`: it is away, busy, full or read-only, and the same statement may succeed later;
 * - `program`: the statement, the schema or the permissions are wrong, and a person has to change them.
 */
export type Failure = {
  kind: "data" | "world" | "program";
  /** Absent where the error is not PostgreSQL's. */
  sqlstate?: string;
  message: string;
};

/**
 * Classes: data exception, integrity constraint violation; and a value too large for an index (54000), an exception from
 * a trigger of the operator (P0001), a view with a check (44000).
 */
const DATA = /^(22|23)|^(54000|P0001|44000)$/;

/**
 * Classes: connection exception, transaction rollback (deadlocks too), insufficient resources, object not in its
 * state (a lock that was not available), operator intervention (shutdown, time-outs), system error; a read-only
 * database, and a transaction that waited for us too long. The codes are those of https://www.postgresql.org/docs/current/errcodes-appendix.html.
 */
const WORLD = /^(08|40|53|55|57|58)|^(25006|25P03)$/;

/** The messages of pg (8) about connections that are not available, lost or dead. */
const PG_CONNECTION =
  /^(timeout ex|Connection terminated|Query read timeout|Client (has enc|was cl)|Received unexpected|There was an error est)/;

/** Sorts the error of a failed statement, once for every caller that has to decide what to do next. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DatabaseError && error.code !== undefined) {
    const { code: sqlstate, message } = error;
    if (DATA.test(sqlstate)) return { kind: "data", sqlstate, message };
    const kind = WORLD.test(sqlstate) ? "world" : "program";
    return { kind, sqlstate, message: message + adviceOn(sqlstate) };
  }
  if (!(error instanceof Error)) return { kind: "program", message: String(error) };
  const message = error.message || error.name;
  return { kind: isOfTheNetwork(error) ? "world" : "program", message };
}

/** Errors of Node's sockets have a code like ECONNRESET; pg's own about connections have none. */
function isOfTheNetwork(error: Error): boolean {
  if ("code" in error && error.code !== undefined) return /^E(?!RR_)[A-Z_]+$/.test(String(error.code));
  return PG_CONNECTION.test(error.message);
}

/**
 * PostgreSQL's error for people to read: its message, code and hint, after the message of an error that it is the cause of.
 * Without its detail, which may hold values of a statement. Undefined when the error is not PostgreSQL's.
 */
export function explainFailure(error: unknown): string | undefined {
  const found = databaseErrorOf(error);
  if (found === undefined) return undefined;
  const { severity = "ERROR", code, message, hint } = found;
  const reply = `${severity}: ${message} (SQLSTATE ${code})`;
  const text =
    error instanceof Error && error !== found
      ? `${error.message}. PostgreSQL says: ${reply}`
      : `PostgreSQL says: ${reply}${adviceOn(code)}`;
  return hint === undefined ? text : `${text}\nHint: ${hint}`;
}

/** PostgreSQL's error, also as the cause of another. */
export function databaseErrorOf(error: unknown): DatabaseError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DatabaseError) return cause;
  }
  return undefined;
}
