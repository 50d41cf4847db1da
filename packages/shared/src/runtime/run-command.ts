import { ConfigError, EXIT_BAD_CONFIG } from "./config.ts";
import { errorText } from "./error-text.ts";

/** A wrong use of a command: what was wrong with it, for people. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Runs the main function of a process, with the settings of a file `.env` in the working directory added to the
 * environment, where it says nothing else. `--help` prints `help`; a wrong setting or a wrong use is told in words and
 * ends with 78; anything else that is thrown is a defect or the world's, shown as `explain` puts it or whole, and ends with 1.
 */
export async function runCommand({
  help,
  main,
  explain = () => undefined,
}: {
  help: string;
  main: (args: string[]) => Promise<void>;
  /** An error in words, where an operator can mend it. */
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
