/** How bytes pass at the moment. While it is paused, none do. */
export type Passage = { delayMs: number; isPaused: boolean };

/** One direction of a connection, whose bytes can be delayed or paused. */
export type DelayedStream = {
  write(chunk: Buffer): void;
  /** The end comes after the bytes before it, with the same delay. */
  end(): void;
  /** To be called after a change of the passage. */
  changed(): void;
  /** Drops the bytes that are under way. */
  drop(): void;
};

type Waiting = { dueAt: number; deliver: () => void };

/** Delivers chunks in order, each `delayMs` after it came, and none while the passage is paused. */
export function delayStream(
  passage: () => Passage,
  { deliver, end }: { deliver: (chunk: Buffer) => void; end: () => void },
): DelayedStream {
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  function add(work: () => void): void {
    const { delayMs, isPaused } = passage();
    if (delayMs === 0 && !isPaused && waiting.length === 0) {
      work();
      return;
    }
    waiting.push({ dueAt: performance.now() + delayMs, deliver: work });
    flush();
  }

  function flush(): void {
    clearTimeout(timer);
    while (!passage().isPaused) {
      const next = waiting[0];
      if (next === undefined) return;
      const inMs = next.dueAt - performance.now();
      if (inMs > 0) {
        timer = setTimeout(flush, inMs);
        return;
      }
      waiting.shift();
      next.deliver();
    }
  }

  return {
    write: (chunk) => add(() => deliver(chunk)),
    end: () => add(end),
    changed: flush,
    drop() {
      clearTimeout(timer);
      waiting = [];
    },
  };
}
