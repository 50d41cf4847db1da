import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { DAY_MS, utcDay, utcMonth } from "./clock.ts";
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

/** A day in UTC with removed views, and how many: null when that is not stored. */
export type RemovedDay = Span & { views: number | null };

/** Of bots, nothing is stored about the days of a removed month. */
export function removedDays(store: OracleStore, models: Iterable<OracleModel>, bots: Bots): RemovedDay[] {
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

/** Whether retention has removed views of a month that this touches. */
export function isIncomplete(store: OracleStore, span: Span): boolean {
  return [...store.retired].some((month) => touches({ from: month, to: utcMonth(month, 1) }, span));
}
