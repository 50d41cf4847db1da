/** Milliseconds between comparisons. */
const LOOK_MS = 30_000;
/** Difference between clocks, in milliseconds, beyond which the owner is warned. NTP keeps clocks within one second. */
const DIFFER_MS_MAX = 60_000;

export type WatchClocksOptions = {
  /** Other clocks by their names. Each rejects when it cannot be read. */
  clocks: Readonly<Record<string, () => Promise<Date>>>;
  /** This process's clock. */
  now: () => Date;
  /** Called when a clock starts to differ by more than a minute, and once an hour while it does. */
  onWrong: (warning: string) => void;
};

export type ClockWatch = {
  /** Milliseconds by which this process's clock is ahead of each clock that answered last time. */
  aheadMs(): ReadonlyMap<string, number>;
  /** A sentence for each clock that differs by more than a minute. */
  warnings(): string[];
  /** Compares now. For tests: otherwise it happens by itself. */
  look(): Promise<void>;
  stop(): void;
};

const WARN_AGAIN_MS = 3_600_000;

/** Compares this process's clock with others, now and every half minute, by a timer that no clock affects. */
export function watchClocks({ clocks, now, onWrong }: WatchClocksOptions): ClockWatch {
  const ahead = new Map<string, number>();
  const warnedAt = new Map<string, number>();
  const timer = setInterval(() => void look(), LOOK_MS);
  timer.unref();
  void look();

  async function look(): Promise<void> {
    await Promise.all(Object.entries(clocks).map(([name, ask]) => compare(name, ask)));
  }

  async function compare(name: string, ask: () => Promise<Date>): Promise<void> {
    try {
      const asked = now().getTime();
      const theirs = (await ask()).getTime();
      const answered = now().getTime();
      // Their time was read somewhere in between; the uncertainty does not count as a difference.
      ahead.set(name, asked > theirs ? asked - theirs : Math.min(0, answered - theirs));
    } catch {
      ahead.delete(name);
    }
    const warning = warningOf(name);
    if (warning === undefined) warnedAt.delete(name);
    else if (performance.now() - (warnedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= WARN_AGAIN_MS) {
      warnedAt.set(name, performance.now());
      onWrong(warning);
    }
  }

  function warningOf(name: string): string | undefined {
    const ms = ahead.get(name) ?? 0;
    if (Math.abs(ms) <= DIFFER_MS_MAX) return undefined;
    const seconds = Math.round(Math.abs(ms) / 1_000);
    return `this process's clock is ${seconds} s ${ms > 0 ? "ahead of" : "behind"} ${name}'s: one of them is wrong, set it (NTP)`;
  }

  return {
    aheadMs: () => ahead,
    warnings: () => Object.keys(clocks).flatMap((name) => warningOf(name) ?? []),
    look,
    stop: () => clearInterval(timer),
  };
}
