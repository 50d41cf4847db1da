import { DatabaseError } from "pg";

/**
 * What a failed statement means:
 * - `data`: PostgreSQL refuses these very values, now and always;
 * - `world`: it is away, busy, full or read-only, and the same statement may succeed later;
 * - `program`: the statement, the schema or the permissions are wrong, and somebody has to mend them.
 */
export type Failure = {
  kind: "data" | "world" | "program";
  /** Absent where PostgreSQL did not say anything. */
  sqlstate?: string;
  message: string;
};

/**
 * Classes: data exception, integrity constraint violation; and a value too large for an index (54000), a trigger of the
 * operator's that raises an exception (P0001), a view with a check (44000).
 */
const DATA = /^(22|23)|^(54000|P0001|44000)$/;

/**
 * Classes: connection exception, transaction rollback (deadlocks too), insufficient resources, object not in its
 * state (a lock that was not to be had), operator intervention (shutdown, time-outs), system error; a read-only
 * database, and a transaction that waited for us too long. The codes are those of https://www.postgresql.org/docs/current/errcodes-appendix.html.
 */
const WORLD = /^(08|40|53|55|57|58)|^(25006|25P03)$/;

/** What pg (8) says of connections that could not be had, were lost, or are dead. */
const PG_CONNECTION =
  /^(timeout ex|Connection terminated|Query read timeout|Client (has enc|was cl)|Received unexpected|There was an error est)/;

/** Says once, for whoever has to decide, what a failed statement means. */
export function failureOf(error: unknown): Failure {
  if (error instanceof DatabaseError && error.code !== undefined) {
    const { code: sqlstate, message } = error;
    if (DATA.test(sqlstate)) return { kind: "data", sqlstate, message };
    return { kind: WORLD.test(sqlstate) ? "world" : "program", sqlstate, message };
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
