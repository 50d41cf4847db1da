import { DatabaseError } from "pg";

/**
 * What PostgreSQL said, for people: its message, code and hint. Not its detail, which may have values of a statement.
 * Undefined when the error is not PostgreSQL's.
 */
export function explainFailure(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof DatabaseError)) continue;
    const { severity = "ERROR", code, message, hint } = cause;
    const said = `PostgreSQL says: ${severity}: ${message} (SQLSTATE ${code})`;
    return hint === undefined ? said : `${said}\nHint: ${hint}`;
  }
  return undefined;
}
