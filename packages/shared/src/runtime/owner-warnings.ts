/** What the owner of the website should know: nothing is broken, but figures are wrong or requests are refused. */
export type OwnerWarnings = {
  /** Notes that `kind`, one of the few that our code names, has just been seen. Its latest `detail` is shown. */
  warn(kind: string, detail: string): void;
  /** The details of what was seen in the last hour. */
  current(): string[];
};

/** Milliseconds for which a warning stands after it was last seen, and after which it is logged again. */
const STANDS_MS = 3_600_000;

/**
 * Logs each kind of warning once an hour, and keeps it for `/readyz` for as long.
 *
 * @param now milliseconds of a clock that only goes forward.
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
      const known = seen.get(kind);
      const isDue = known === undefined || at - known.loggedAt >= STANDS_MS;
      seen.set(kind, { detail, seenAt: at, loggedAt: isDue ? at : known.loggedAt });
      if (isDue) log(detail, kind);
    },
    current() {
      const since = now() - STANDS_MS;
      return [...seen.values()].filter(({ seenAt }) => seenAt > since).map(({ detail }) => detail);
    },
  };
}
