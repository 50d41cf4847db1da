/** What happens to bytes on their way, for the moment. */
export type Passage = { delayMs: number; isHeld: boolean };

/** One direction of a connection, whose bytes can be made late, or held until later. */
export type HeldStream = {
  write(chunk: Buffer): void;
  /** The end comes after the bytes before it, as late as they. */
  end(): void;
  /** Looks again at how the bytes may pass. */
  changed(): void;
  /** Forgets what is under way. */
  drop(): void;
};

type Waiting = { dueAt: number; deliver: () => void };

/** Delivers chunks in order, each `delayMs` after it came, and none while they are held. */
export function holdStream(
  passage: () => Passage,
  { deliver, end }: { deliver: (chunk: Buffer) => void; end: () => void },
): HeldStream {
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  function add(work: () => void): void {
    const { delayMs, isHeld } = passage();
    if (delayMs === 0 && !isHeld && waiting.length === 0) {
      work();
      return;
    }
    waiting.push({ dueAt: performance.now() + delayMs, deliver: work });
    flush();
  }

  function flush(): void {
    clearTimeout(timer);
    while (!passage().isHeld) {
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
