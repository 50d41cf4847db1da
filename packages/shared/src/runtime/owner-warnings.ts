/** Warnings for the website's owner: nothing is broken, but statistics are wrong or requests are refused. */
export type OwnerWarnings = {
  /** Records that `kind` was just seen. The number of kinds in our code is small. Its latest `detail` is shown. */
  warn(kind: string, detail: string): void;
  /** The same without the log, for what the caller logs itself. */
  show(kind: string, detail: string): void;
  /** The details of everything seen in the last hour. */
  current(): string[];
};

/** Milliseconds for which a warning is shown after it was last seen, and after which it is logged again. */
const SHOWN_MS = 3_600_000;

/**
 * Logs each kind of warning once an hour, and shows it in `/readyz` for an hour after it was last seen.
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
  const never = Number.NEGATIVE_INFINITY;
  return {
    warn(kind, detail) {
      const at = now();
      const { loggedAt } = seen.get(kind) ?? { loggedAt: never };
      const isDue = at - loggedAt >= SHOWN_MS;
      seen.set(kind, { detail, seenAt: at, loggedAt: isDue ? at : loggedAt });
      if (isDue) log(detail, kind);
    },
    show(kind, detail) {
      const { loggedAt } = seen.get(kind) ?? { loggedAt: never };
      seen.set(kind, { detail, seenAt: now(), loggedAt });
    },
    current() {
      const since = now() - SHOWN_MS;
      return [...seen.values()].filter(({ seenAt }) => seenAt > since).map(({ detail }) => detail);
    },
  };
}
