/** The end of Drizzle's error messages: the values that the statement was given. */
const PARAMETERS = /\nparams: .*$/s;
/** SQLSTATE of data exceptions, whose message quotes the value. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;
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
 * Drizzle appends a statement's parameters to its errors, and PostgreSQL quotes the value that it cannot read. Where a column or
 * table does not exist, with advice.
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
  const text = error.message.replace(PARAMETERS, "");
  if (!("code" in error)) return text;
  const isData = DATA_EXCEPTION.test(String(error.code));
  return (isData ? text.replaceAll(/"[^"]*"/g, '"…"') : text) + adviceOn(error.code);
}
