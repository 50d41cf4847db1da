/**
 * Runs tasks at the same time, up to a limit. Unlike p-limit it lets the caller wait for a free place before it makes the
 * next task, so that the tasks that wait take no memory.
 */
export type Pool = {
  /** Resolves when the task has begun, which waits for a free place. Rejects with the first failure of any task. */
  start: (task: () => Promise<void>) => Promise<void>;
  /** Resolves when every task is done; rejects with the first failure, without waiting for the others. */
  finish: () => Promise<void>;
  /** Resolves when no task runs any more, whether they failed or not. */
  settled: () => Promise<void>;
};

/** A pool for up to `atOnceMax` tasks at a time. After a failure it starts no other. */
export function createPool({ atOnceMax }: { atOnceMax: number }): Pool {
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;

  async function untilFewerThan(count: number): Promise<void> {
    while (running.size >= count && failure === undefined) await Promise.race(running);
    if (failure !== undefined) throw failure.error;
  }
  async function run(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      failure ??= { error };
    }
  }

  return {
    async start(task) {
      await untilFewerThan(atOnceMax);
      const done: Promise<void> = run(task).then(() => void running.delete(done));
      running.add(done);
    },
    finish: () => untilFewerThan(1),
    async settled() {
      await Promise.all(running);
    },
  };
}
