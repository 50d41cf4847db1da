import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import type { Account } from "@model-views/local-services/run.ts";
import { ConfigError, EXIT_BAD_CONFIG } from "@model-views/shared/runtime/config.ts";
import { z } from "zod";
import { watchSources } from "./watch-sources.ts";

/** Milliseconds until a service that ended is started again. */
const RESTART_MS = 1_000;
/** Milliseconds a service has to end by itself: its own deadline is shorter. */
const KILL_AFTER_MS = 9_000;

const portsSchema = z.object({ port: z.int(), adminPort: z.int() });

/** Where a service listens: for everybody, and for operators. */
type Ports = z.infer<typeof portsSchema>;

export type SupervisedService = {
  /** Resolves with its ports when the service listens for the first time; rejects when it cannot be started at all. */
  listens: Promise<Ports>;
  /** Ends it for good: with SIGTERM, and by force when that is not enough. */
  stop(): Promise<void>;
};

export type SuperviseOptions = {
  name: string;
  /** The file to run, and Node's flags. */
  main: string;
  flags: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Whom it runs as; null: as this process. */
  account: Account;
  /** The folders of its sources, where it restarts when they change. */
  watched?: readonly string[];
  /** Told each line that the service logs. */
  onLine: (line: string) => void;
  onExit: (message: string) => void;
};

/**
 * Runs a service as a process of its own and starts it again when it ends unasked. One that ends because of a wrong
 * setting is not started again. Where its sources are watched, it restarts when they change; one that ended unasked waits
 * for the next change, because the same sources would most likely fail in the same way. The IPC channel lets it see when this process is gone, also by `kill -9`.
 */
export function supervise({
  name,
  main,
  flags,
  env,
  account,
  watched = [],
  onLine,
  onExit,
}: SuperviseOptions): SupervisedService {
  let child: ChildProcess;
  let stopping = false;
  let replacing = false;
  let hasRun = false;
  let restart: NodeJS.Timeout | undefined;
  const { promise: listens, resolve: hasPorts, reject: hasNoPorts } = Promise.withResolvers<Ports>();
  const isWatched = watched.length > 0;
  const unwatch = watchSources(
    watched,
    (file) => void replace(file),
    (error) => onExit(`${name} may miss changes of its sources: ${error}`),
  );
  run();

  function run(): void {
    child = spawn(process.execPath, [...flags, main], {
      env,
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      ...(account ?? {}),
    });
    if (child.stdout === null) throw new Error("a spawned service has no stdout");
    createInterface({ input: child.stdout }).on("line", (line) => {
      onLine(line);
      const listening = portsIn(line);
      if (listening === undefined) return;
      hasRun = true;
      hasPorts(listening);
    });
    child.once("error", hasNoPorts);
    child.once("exit", (code, signal) => {
      if (stopping || replacing) return;
      if (code === EXIT_BAD_CONFIG && !hasRun) {
        hasNoPorts(new ConfigError(`${name} cannot run with these settings`));
        return;
      }
      const ended = `${name} ended (${signal ?? `exit code ${code}`})`;
      if (isWatched) {
        onExit(`${ended}; it starts again when its sources change`);
        return;
      }
      onExit(`${ended}, starting it again`);
      restart = setTimeout(run, RESTART_MS);
    });
  }

  async function replace(file: string): Promise<void> {
    // What is about to start reads the newest sources anyway.
    if (stopping || replacing) return;
    replacing = true;
    onExit(`${name} restarts: ${relative(process.cwd(), file)} changed`);
    await end();
    replacing = false;
    if (!stopping) run();
  }

  async function end(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER_MS);
    await exited;
    clearTimeout(force);
  }

  return {
    listens,
    async stop() {
      stopping = true;
      unwatch();
      clearTimeout(restart);
      await end();
    },
  };
}

/** The ports in a service's log line "listening". */
function portsIn(line: string): Ports | undefined {
  if (!line.includes('"listening"')) return undefined;
  try {
    return portsSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
