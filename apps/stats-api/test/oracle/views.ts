import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { utcMonth } from "./clock.ts";
import { isStored, retiredPart } from "./finalize.ts";
import { countedViews, type OracleModel, type OracleStore, type StoredView } from "./store.ts";

export type Span = { from: number; to: number };

/** The stored views, of one model or of all, that a question with `bots` counts. */
export function viewsLeft(models: Iterable<OracleModel>, bots: Bots): StoredView[] {
  return [...models]
    .flatMap(({ views }) => [...views.values()])
    .filter(({ isRemoved, isBot }) => !isRemoved && (bots === "include" || isBot === (bots === "only")));
}

export function within(views: readonly StoredView[], { from, to }: Span): StoredView[] {
  return views.filter(({ at }) => at >= from && at < to);
}

export function viewersOf(views: readonly StoredView[]): Set<string> {
  return new Set(views.map(({ event }) => event.viewerIdentifier));
}

/** How many different viewers: one who was forgotten in between is two. */
export function countViewers(views: readonly StoredView[]): number {
  return new Set(views.map(({ who }) => who)).size;
}

/** The part of a day, or with bots of a month, of which retention has removed the views. */
export type Removed = Span & { day: number; whole: Span };

/** Days of removed months on which there were views. Of bots, nothing is stored about such months. */
export function removedDays(store: OracleStore, models: Iterable<OracleModel>, bots: Bots): Removed[] {
  if (bots !== "exclude") {
    return [...store.retired].map((month) => {
      const whole = { from: month, to: utcMonth(month, 1) };
      return { ...whole, whole, day: month };
    });
  }
  const days = [...models].flatMap(countedViews).map(({ at }) => store.calendar.dayOf(at));
  return [...new Set(days)].flatMap((day) => {
    const part = retiredPart(store, day);
    return part === undefined ? [] : [{ ...part, day, whole: store.calendar.spanOf(day) }];
  });
}

export type Counts = { views: number | null; viewers: number | null };

/** Views and viewers of a span, of one model or of the site; null where retention has removed what they need. */
export function countWithin(
  store: OracleStore,
  span: Span,
  { model, bots }: { model?: OracleModel | undefined; bots: Bots },
): Counts {
  const models = model === undefined ? [...store.models.values()] : [model];
  const removed = removedDays(store, models, bots).filter((day) => touches(day, span));
  if (bots !== "exclude") {
    if (removed.length > 0) return { views: null, viewers: null };
    const views = within(viewsLeft(models, bots), span);
    // From the views themselves, which name the viewer.
    return { views: views.length, viewers: viewersOf(views).size };
  }
  const views = within(models.flatMap(countedViews), span);
  const areWhole = removed.every(({ whole }) => isInside(whole, span));
  const areStored = removed.every(({ day }) => isStored(store, day, { model }));
  return {
    views: areWhole ? views.length : null,
    viewers: areWhole && areStored ? countViewers(views) : null,
  };
}

export function touches(one: Span, other: Span): boolean {
  return one.from < other.to && one.to > other.from;
}

export function isInside(inner: Span, outer: Span): boolean {
  return inner.from >= outer.from && inner.to <= outer.to;
}

/** Whether retention has removed views of a month that this touches. */
export function isRetired(store: OracleStore, span: Span): boolean {
  return [...store.retired].some((month) => touches({ from: month, to: utcMonth(month, 1) }, span));
}

/** Whether retention has removed views of a day that this touches, which are stored only in part or not at all. */
export function isIncomplete(store: OracleStore, span: Span): boolean {
  const removed = removedDays(store, store.models.values(), "exclude").filter((day) => touches(day, span));
  return removed.some(({ day, whole }) => !isInside(whole, span) || !isStored(store, day, {}));
}
