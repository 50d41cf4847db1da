import { type Ports, type Program, startProcess } from "@model-views/lab/service-process.ts";

const START_MS_MAX = 30_000;

/** A service of ours, or a program that logs as they do. */
export type BenchProgram = Program & {
  name: string;
  /** All of its environment. */
  env: Record<string, string>;
};

export type RunningProgram = Ports & {
  name: string;
  pid: number;
  /** Rejects when it ends unexpectedly; never resolves. */
  died: Promise<never>;
  /** Sends a message and resolves with the answer. For programs that answer; one message at a time. */
  ask(message: object): Promise<unknown>;
  stop(): Promise<void>;
};

/**
 * Starts a program that is stopped in order: Ctrl-C in a terminal does not reach it. Resolves when it listens; rejects,
 * with the last lines it wrote, when it does not within 30 s. Errors that it logs go to `onError`.
 */
export async function launch(
  { name, env, ...program }: BenchProgram,
  onError: (line: string) => void,
): Promise<RunningProgram> {
  let stopping = false;
  let onAnswer = (_: unknown) => {};
  const child = startProcess(program, {
    name,
    env,
    detached: true,
    startMsMax: START_MS_MAX,
    onLine: (line) => {
      if (/"level":"(error|fatal)"/.test(line)) onError(`${name}: ${line}`);
    },
    onMessage: (message) => onAnswer(message),
  });
  const died = child.exited.then((): Promise<never> => {
    if (stopping) return new Promise(() => {});
    throw new Error(`${name} ended unexpectedly:\n${child.lastLines()}`);
  });
  died.catch(() => {});
  const stop = async () => {
    stopping = true;
    await child.end("SIGTERM");
  };
  const ask = (message: object) => {
    const answer = new Promise<unknown>((resolve) => {
      onAnswer = resolve;
    });
    child.send(message);
    return Promise.race([answer, died]);
  };
  try {
    const ports = await child.listens;
    return { name, pid: child.pid ?? 0, ...ports, died, ask, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
