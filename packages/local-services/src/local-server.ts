import type { StopStep } from "./processes.ts";
import type { Refusal, ServerProgram } from "./programs.ts";

/** Receives one line of progress for a person: no newline, no secrets. */
export type Log = (line: string) => void;

export type LocalServer = {
  /** With user and password: not for logs. */
  url: string;
  /** The server's main process on this machine; null when it was given or lives in a container. */
  pid: number | null;
  /** `given` by its URL, found `running`, `started` here, or in a `container`. */
  source: "given" | "running" | "started" | "container";
  /**
   * Waits until the server is gone; rejects when even the last signal did not end it. Safe to call twice. A given
   * server keeps running, and so does one that another live command will stop (see users.ts).
   */
  stop(): Promise<void>;
};

/** The options that PostgreSQL and Redis share. */
export type LocalServerOptions = {
  /** Absolute or relative to the working directory; made when it is missing. Holds everything that a server needs. */
  dataDir: string;
  log: Log;
  /**
   * Whether stop() also stops a server that an earlier command left running: true for the command that runs the system,
   * false (the default) for commands that use it for a while.
   */
  own?: boolean | undefined;
  /** False gives up safety against power cuts for speed: for tests. Default true. Ignored when already running. */
  durable?: boolean | undefined;
  /** Server settings on top of ours, by the server's names. Ignored when already running. */
  settings?: Record<string, string> | undefined;
  /** The environment of child processes, with their PATH. Default: that of this process. */
  env?: NodeJS.ProcessEnv | undefined;
};

export type Answer =
  /** The server of our folder, which takes commands. It may report the id of its process. */
  | { kind: "ready"; pid?: number }
  /** The server of our folder, which is still loading its data. */
  | { kind: "loading"; reason: string }
  /** No server, or one that cannot be identified yet: worth another try. */
  | { kind: "not yet"; reason: string }
  /** Another server, or one with another password. */
  | { kind: "not ours"; reason: string };

export type Container = { url: string; stop(): Promise<void> };

/** What differs between PostgreSQL and Redis, for one DATA_DIR. `Program` is what a server is started from. */
export type Adapter<Program extends object> = {
  /** The data folder; `prepare` may change it. */
  folder(): string;
  /** The file in which a server leaves its process id. */
  pidFile(): string;
  /** The port of the server that runs, or ran last; null before the first start. */
  lastPort(): Promise<number | null>;
  /** Ask also where no process is known to serve the folder. For Redis, which does not notice a second server on its files. */
  asksWithoutProcess: boolean;
  /** Asks the server on a port of 127.0.0.1 which folder it serves, with the password. Never rejects. */
  ask(port: number): Promise<Answer>;
  /** Runs when a server takes commands, also when it was found. */
  whenReady(port: number): Promise<void>;
  url(port: number): string;
  /** The ways to find a program, in the order in which they are tried. Each has advice on how to make it work. */
  ways: readonly (readonly [advice: string, find: () => Promise<Program | Refusal>])[];
  /** Advice on how to use a server elsewhere. */
  urlAdvice: string;
  startContainer(): Promise<Container>;
  /** The only version that can read the data, such as "PostgreSQL 18"; null when another can, or there is no data yet. */
  neededVersion: string | null;
  /** Makes the files that a start needs, at the first one the data folder. */
  prepare(program: Program): Promise<void>;
  /** What to spawn for a server on that port. */
  configure(program: Program, port: number): Promise<ServerProgram>;
  stopSteps: readonly StopStep[];
};

/** What an adapter is made for. */
export type Place = { dataDir: string; env: NodeJS.ProcessEnv; log: Log };

/** The ways to a server: each finds what to start it from, or returns why it cannot. A test replaces some. */
export type Ways<Name extends string, Program extends object> = Record<
  Name,
  () => Promise<Program | Refusal>
> & { container: () => Promise<Container> };

export type ServerKind<Program extends object> = {
  name: string;
  /** Begins the names of its files in DATA_DIR. */
  id: string;
  /** Is called under the server's lock. */
  adapt(place: Place): Promise<Adapter<Program>>;
};
