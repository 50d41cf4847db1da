import { relative } from "node:path";
import {
  type Ports,
  type Program,
  type ServiceProcess,
  startProcess,
} from "@model-views/lab/service-process.ts";
import type { Account } from "@model-views/local-services/programs.ts";
import { ConfigError, EXIT_BAD_CONFIG } from "@model-views/shared/runtime/config.ts";
import { watchSources } from "./watch-sources.ts";

/** Milliseconds until a service that ended is started again. */
const RESTART_MS = 1_000;

export type SupervisedService = {
  /** Resolves with its ports when the service listens for the first time; rejects when it cannot be started at all. */
  listens: Promise<Ports>;
  /** Ends it for good: with SIGTERM, and by force when that is not enough. */
  stop(): Promise<void>;
};

export type SuperviseOptions = Program & {
  name: string;
  env: NodeJS.ProcessEnv;
  /** The user and group that it runs as; null: those of this process. */
  account: Account;
  /** The folders of its sources, where it restarts when they change. */
  watched?: readonly string[];
  /** Receives each line that the service logs. */
  onLine: (line: string) => void;
  onExit: (message: string) => void;
};

/**
 * Runs a service as a process and starts it again when it ends unasked, unless it ended because of a wrong setting. Where
 * its sources are watched, it restarts when they change; one that ended unasked waits for the next change, because the
 * same sources would most likely fail in the same way.
 */
export function supervise({
  name,
  main,
  flags = [],
  env,
  account,
  watched = [],
  onLine,
  onExit,
}: SuperviseOptions): SupervisedService {
  let child: ServiceProcess;
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
    child = startProcess({ main, flags }, { name, env, account, stderr: "inherit", onLine });
    child.listens.then(
      (ports) => {
        hasRun = true;
        hasPorts(ports);
      },
      () => {},
    );
    void child.exited.then((how) => {
      if (how instanceof Error) return hasNoPorts(how);
      if (stopping || replacing) return;
      if (how === EXIT_BAD_CONFIG && !hasRun) {
        return hasNoPorts(new ConfigError(`${name} cannot run with these settings`));
      }
      const ended = `${name} ended (${typeof how === "number" ? `exit code ${how}` : how})`;
      if (isWatched) return onExit(`${ended}; it starts again when its sources change`);
      onExit(`${ended}, starting it again`);
      restart = setTimeout(run, RESTART_MS);
    });
  }

  async function replace(file: string): Promise<void> {
    // A service that is about to start reads the newest sources anyway.
    if (stopping || replacing) return;
    replacing = true;
    onExit(`${name} restarts: ${relative(process.cwd(), file)} changed`);
    await child.end("SIGTERM");
    replacing = false;
    if (!stopping) run();
  }

  return {
    listens,
    async stop() {
      stopping = true;
      unwatch();
      clearTimeout(restart);
      await child.end("SIGTERM");
    },
  };
}
