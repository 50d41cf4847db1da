/** Drizzle's way to end the text of its errors: with whatever the statement was given. */
const PARAMETERS = /\nparams: .*$/s;
/** SQLSTATE of data exceptions, whose text quotes the value. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;

/**
 * What an error says, without the values that it was about: they may name a viewer, or be what a stranger wrote. Drizzle
 * puts the parameters of a statement into its errors, and PostgreSQL the value that it cannot read.
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
  const isData = "code" in error && DATA_EXCEPTION.test(String(error.code));
  return isData ? text.replaceAll(/"[^"]*"/g, '"…"') : text;
}
