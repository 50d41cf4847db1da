/** Increased when the same seed gives other views, so that a world of before is not continued. */
export const WORLD_VERSION = 1;

export const DAY_MS = 86_400_000;

/** What determines every view of the demo: two worlds that are equal have the same views. */
export type World = {
  seed: number;
  /** Midnight in UTC of the first day. */
  start: Date;
  /** When the world was made. What happens in it is placed before this time; its views go on after it. */
  end: Date;
  /** Days from `start` to `end`. */
  days: number;
  /** About how many views there are in these days. */
  views: number;
};

export const WORLD_DEFAULTS = { seed: 14, days: 120, views: 450_000 } as const;

/** The world that ends now. */
export function worldUntil(
  end: Date,
  { seed, days, views }: Pick<World, "seed" | "days" | "views"> = WORLD_DEFAULTS,
): World {
  const today = Math.floor(end.getTime() / DAY_MS) * DAY_MS;
  return { seed, start: new Date(today - (days - 1) * DAY_MS), end, days, views };
}
