/** Warnings for the website's owner: nothing is broken, but statistics are wrong or requests are refused. */
export type OwnerWarnings = {
  /** Records that `kind` was just seen. The number of kinds in our code is small. Its latest `detail` is shown. */
  warn(kind: string, detail: string): void;
  /** The details of everything seen in the last hour. */
  current(): string[];
};

/** Milliseconds for which a warning is shown after it was last seen, and after which it is logged again. */
const SHOWN_MS = 3_600_000;

/**
 * Logs each kind of warning once an hour, and shows it in `/readyz` for as long.
 *
 * @param now milliseconds of a monotonic clock.
 */
export function createOwnerWarnings({
  now = () => performance.now(),
  log,
}: {
  now?: () => number;
  log: (detail: string, kind: string) => void;
}): OwnerWarnings {
  const seen = new Map<string, { detail: string; seenAt: number; loggedAt: number }>();
  return {
    warn(kind, detail) {
      const at = now();
      const before = seen.get(kind);
      const isDue = before === undefined || at - before.loggedAt >= SHOWN_MS;
      seen.set(kind, { detail, seenAt: at, loggedAt: isDue ? at : before.loggedAt });
      if (isDue) log(detail, kind);
    },
    current() {
      const since = now() - SHOWN_MS;
      return [...seen.values()].filter(({ seenAt }) => seenAt > since).map(({ detail }) => detail);
    },
  };
}
