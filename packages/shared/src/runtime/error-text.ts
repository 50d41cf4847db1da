/** SQLSTATE of data exceptions, whose message quotes the value. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;
/** Where PostgreSQL's source reports what a function or trigger raises, in the words of its author. */
const RAISED = "exec_stmt_raise";
/** From the first quotation mark to the last: a value may have such marks too. PostgreSQL's language decides which it uses. */
const QUOTED = /["«»„“”‘’‹›「『].*["«»„“”‘’‹›」』]/s;
/** SQLSTATE of a column or table that does not exist. */
const NO_COLUMN_OR_TABLE = /^42(703|P01)$/;

/** What to do about an error of PostgreSQL with this SQLSTATE, for the end of its message: empty, or with a semicolon in front. */
export function adviceOn(sqlstate: unknown): string {
  return NO_COLUMN_OR_TABLE.test(String(sqlstate))
    ? "; the database seems to lack migrations of this version: npm run migrate"
    : "";
}

/**
 * The text of an error without the values that it is about, because they may identify a viewer or be written by a client.
 * PostgreSQL and `JSON.parse` quote what they cannot read, and a trigger may name anything of a row. A PostgreSQL error's
 * `detail` and `where` have values too, and are no part of this text. Where a column or table does not exist, with advice.
 */
export function errorText(error: Error): { message: string; stack?: string } {
  const message = withoutValues(error);
  if (error.stack === undefined) return { message };
  return { message, stack: error.stack.replace(error.message, () => message) };
}

/** The text of the first cause: what really happened. */
export function reasonText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonText(error.cause) : withoutValues(error) || error.name;
}

function withoutValues(error: Error): string {
  const { message } = error;
  if ("routine" in error && error.routine === RAISED) return "an exception of a function or trigger";
  const code = "code" in error ? String(error.code) : "";
  const text =
    DATA_EXCEPTION.test(code) || error instanceof SyntaxError ? message.replace(QUOTED, '"…"') : message;
  return text + adviceOn(code);
}
