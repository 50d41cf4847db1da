import { databaseErrorOf, failureOf } from "../postgres/failure.ts";

/** SQLSTATE of a missing right, and of a column whose values PostgreSQL generates. */
const NOT_OURS = /^(42501|428C9)$/;

/**
 * Why the table of models, which may be the website's own, refuses a change: a column that must not be null, a missing
 * right, a trigger or a constraint, in PostgreSQL's words. Undefined for any other error.
 */
export function refusedChange(error: unknown): string | undefined {
  const found = databaseErrorOf(error);
  if (found === undefined) return undefined;
  const { kind, sqlstate = "", message } = failureOf(found);
  return kind === "data" || NOT_OURS.test(sqlstate) ? `${message} (SQLSTATE ${sqlstate})` : undefined;
}
