import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { DAY_MS, utcDay, utcMonth } from "./clock.ts";
import { countedViews, type PlainModel, type PlainStore, type StoredView } from "./store.ts";

export type Span = { from: number; to: number };

/** The views that are still stored, of one model or of all, that a question with `bots` is about. */
export function viewsLeft(models: Iterable<PlainModel>, bots: Bots): StoredView[] {
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

/** A day in UTC of which views are removed, and how many: null where nobody knows. */
export type RemovedDay = Span & { views: number | null };

/** Of bots nothing is left to tell whether there were any on a day of a month that is removed. */
export function removedDays(store: PlainStore, models: Iterable<PlainModel>, bots: Bots): RemovedDay[] {
  if (bots !== "exclude") {
    return [...store.retired].flatMap((month) => {
      const days = (utcMonth(month, 1) - month) / DAY_MS;
      return Array.from({ length: days }, (_, day) => dayFrom(month + day * DAY_MS, null));
    });
  }
  const removed = [...models].flatMap(countedViews).filter(({ isRemoved }) => isRemoved);
  return [...Map.groupBy(removed, ({ at }) => utcDay(at))].map(([day, views]) => dayFrom(day, views.length));
}

function dayFrom(start: number, views: number | null): RemovedDay {
  return { from: start, to: start + DAY_MS, views };
}

export function touches(one: Span, other: Span): boolean {
  return one.from < other.to && one.to > other.from;
}

export function isInside(inner: Span, outer: Span): boolean {
  return inner.from >= outer.from && inner.to <= outer.to;
}

/** Has retention removed views of some month that this touches? */
export function isIncomplete(store: PlainStore, span: Span): boolean {
  return [...store.retired].some((month) => touches({ from: month, to: utcMonth(month, 1) }, span));
}
