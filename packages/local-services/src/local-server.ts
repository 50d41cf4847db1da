/** One line of progress for a person: no newline, no secrets. */
export type Log = (line: string) => void;

/**
 * Where a server came from: `given` by its URL, found `running` from an earlier launcher, `started` here, or in a
 * `container`.
 */
export type ServerSource = "given" | "running" | "started" | "container";

export type LocalServer = {
  /** With user and password: not for logs. */
  url: string;
  /** The server's main process on this machine; null when it was given or lives in a container. */
  pid: number | null;
  source: ServerSource;
  /**
   * Safe to call twice. Leaves a given server alone, and one that another live process here still answers for (see
   * users.ts). Waits until the server is gone; rejects when even the hardest signal did not end it.
   */
  stop(): Promise<void>;
};

/** What PostgreSQL and Redis are opened with alike. */
export type LocalServerOptions = {
  /** Absolute or relative to the working directory; made when it is missing. Everything a server needs lives in it. */
  dataDir: string;
  log: Log;
  /**
   * Whether stop() also stops a server that an earlier launcher left running: true for the one command that runs
   * the system, false (the default) for those that join it for a while.
   */
  own?: boolean | undefined;
  /** False trades safety against power cuts for speed: for tests. Default true. Ignored when already running. */
  durable?: boolean | undefined;
  /** Server settings on top of ours, by the names the server gives them. Ignored when already running. */
  settings?: Record<string, string> | undefined;
  /**
   * Where packages are unpacked to, for all data folders alike. Default: `.cache` in the workspace, beside its
   * package.json; where this user may not write there, `DATA_DIR/cache`. Only a folder that others cannot write to:
   * programs are run from it.
   */
  cacheDir?: string | undefined;
  /** What child processes get to see, and where PATH comes from. Default: this process's own. */
  env?: NodeJS.ProcessEnv | undefined;
};

/** Why one way to a server is closed here; the next one is tried, and the reason told when none is left. */
export type Refusal = { refused: string };

/** An error that lists every way out, each with the reason why it was closed. */
export function noWayError(name: string, ways: readonly string[]): Error {
  const list = ways.map((way, index) => `  ${index + 1}. ${way}`).join("\n");
  return new Error(`${name} could be neither found nor started. Any one of these will do:\n${list}`);
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
