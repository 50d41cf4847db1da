import { DatabaseError } from "pg";
import { failureOf } from "../postgres/failure.ts";

/** SQLSTATE of what we may not do, and of a column whose values PostgreSQL makes. */
const NOT_OURS = /^(42501|428C9)$/;

/**
 * Why the table of models, which may be the website's own, does not take a change of ours: a column that must not be
 * null, a right that is missing, a trigger or a constraint, in PostgreSQL's words. Undefined when something else is wrong.
 */
export function refusedChange(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof DatabaseError)) continue;
    const { kind, sqlstate = "", message } = failureOf(cause);
    return kind === "data" || NOT_OURS.test(sqlstate) ? `${message} (SQLSTATE ${sqlstate})` : undefined;
  }
  return undefined;
}
