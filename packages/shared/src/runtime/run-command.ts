import { ConfigError, EXIT_BAD_CONFIG } from "./config.ts";
import { errorText } from "./error-text.ts";

/** A command was used wrongly. The message is for its user. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Runs the main function of a process. Settings of a file `.env` in the working directory are added to the environment,
 * which takes precedence. `--help` prints `help`. A wrong setting or argument is explained and ends the process with 78.
 * Any other error ends it with 1, and is shown in the words of `explain` or else completely.
 */
export async function runCommand({
  help,
  main,
  explain = () => undefined,
}: {
  help: string;
  main: (args: string[]) => Promise<void>;
  /** An error in words, if an operator can do something about it. */
  explain?: (error: unknown) => string | undefined;
}): Promise<void> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${help.trim()}\n`);
    return;
  }
  try {
    loadEnvFile();
    await main(args);
  } catch (error) {
    const isTheirs =
      error instanceof ConfigError ||
      error instanceof UsageError ||
      (error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS"));
    process.stderr.write(`${isTheirs ? error.message : (explain(error) ?? format(error))}\n`);
    process.exit(isTheirs ? EXIT_BAD_CONFIG : 1);
  }
}

function loadEnvFile(): void {
  try {
    process.loadEnvFile();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

function format(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, stack } = errorText(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${format(error.cause)}`;
  return (stack ?? message) + cause;
}
