/** Milliseconds between two looks at the other clocks. */
const LOOK_MS = 30_000;
/** Milliseconds by which clocks of a system may differ before its owner hears of it: NTP keeps them within one second. */
const DIFFER_MS_MAX = 60_000;

export type WatchClocksOptions = {
  /** Clocks of others, by their names; each rejects when it cannot be asked. */
  clocks: Readonly<Record<string, () => Promise<Date>>>;
  /** This process's clock. */
  now: () => Date;
  /** Told when a clock begins to differ by more than a minute, and each hour for as long as it does. */
  onWrong: (warning: string) => void;
};

export type ClockWatch = {
  /** By how many milliseconds this process's clock is ahead of each that answered at the last look. */
  aheadMs(): ReadonlyMap<string, number>;
  /** A sentence for each clock that differs by more than a minute. */
  warnings(): string[];
  /** Looks now. For tests: it looks by itself all the time. */
  look(): Promise<void>;
  stop(): void;
};

const TELL_AGAIN_MS = 3_600_000;

/** Compares this process's clock with others, now and every half minute, whatever the clocks say meanwhile. */
export function watchClocks({ clocks, now, onWrong }: WatchClocksOptions): ClockWatch {
  const ahead = new Map<string, number>();
  const toldAt = new Map<string, number>();
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
      // Somewhere in between they told their time; what that leaves open is no difference.
      ahead.set(name, asked > theirs ? asked - theirs : Math.min(0, answered - theirs));
    } catch {
      ahead.delete(name);
    }
    const warning = warningOf(name);
    if (warning === undefined) toldAt.delete(name);
    else if (performance.now() - (toldAt.get(name) ?? Number.NEGATIVE_INFINITY) >= TELL_AGAIN_MS) {
      toldAt.set(name, performance.now());
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
