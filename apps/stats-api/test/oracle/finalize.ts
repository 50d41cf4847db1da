import type { OracleCalendar } from "./calendar.ts";
import { utcMonth } from "./clock.ts";
import { countedViews, type OracleModel, type OracleStore } from "./store.ts";
import type { Span } from "./views.ts";

/** Views of a model's day and month from which on its values are stored. */
export type ManyViews = { day: number; month: number };

/** Milliseconds after which a day counts as over. */
const SETTLED_MS = 10 * 60_000;

/**
 * Of which days and months it is stored who viewed, and their values. It only matters once retention has removed the views: until
 * then everything is known.
 */
export class OracleFinalized {
  /** Days of the site, and whether their values are stored. */
  readonly siteDays = new Map<number, { hasValues: boolean }>();
  readonly siteMonths = new Set<number>();
  /** Days of which a model's was finalized or deleted since the site's was. */
  readonly changedDays = new Set<number>();
}

/** How many counted views a model has on each day. */
export function viewsByDay(calendar: OracleCalendar, model: OracleModel): Map<number, number> {
  const byDay = Map.groupBy(countedViews(model), ({ at }) => calendar.dayOf(at));
  return new Map([...byDay].map(([day, views]) => [day, views.length]));
}

/** The days of a model that are not finalized. */
export function openDaysOf({ calendar }: OracleStore, model: OracleModel): number[] {
  return [...viewsByDay(calendar, model).keys()].filter((day) => !model.days.has(day));
}

/** The days of the site that are not finalized. */
export function openDays(store: OracleStore): Set<number> {
  const ofModels = [...store.models.values()].flatMap((model) => openDaysOf(store, model));
  return new Set([...ofModels, ...store.finalized.changedDays]);
}

/** The part of a day of which retention has removed the views: all of it, one of its ends, or nothing. */
export function retiredPart({ calendar, retired }: OracleStore, day: number): Span | undefined {
  const { from, to } = calendar.spanOf(day);
  const months = [...retired].filter((month) => month < to && utcMonth(month, 1) > from);
  if (months.length === 0) return undefined;
  return {
    from: Math.max(from, Math.min(...months)),
    to: Math.min(to, Math.max(...months.map((month) => utcMonth(month, 1)))),
  };
}

function isDayRetired(store: OracleStore, day: number): boolean {
  return retiredPart(store, day) !== undefined;
}

function isMonthRetired({ calendar, retired }: OracleStore, month: number): boolean {
  const [from, to] = [calendar.startOf(month), calendar.startOf(utcMonth(month, 1))];
  return [...retired].some((each) => each < to && utcMonth(each, 1) > from);
}

/** Finalizes the days and months that are over, as the maintenance task does. */
export function finalize(
  store: OracleStore,
  { now, manyViews }: { now: number; manyViews: ManyViews },
): void {
  const { models, finalized, calendar } = store;
  const today = calendar.dayOf(now - SETTLED_MS);
  for (const day of [...openDays(store)].filter((each) => each < today)) {
    for (const model of models.values()) finalizeDay(store, model, { day, manyViews });
    finalizeSiteDay(store, day);
  }
  for (const month of new Set([...finalized.siteDays.keys()].map((day) => utcMonth(day)))) {
    const isOpen = [...openDays(store)].some((day) => utcMonth(day) === month);
    if (utcMonth(month, 1) > today || isOpen || finalized.siteMonths.has(month)) continue;
    finalized.siteMonths.add(month);
    if (isMonthRetired(store, month)) continue;
    for (const model of models.values()) {
      const views = countedViews(model).filter(({ at }) => utcMonth(calendar.dayOf(at)) === month);
      if (views.length >= manyViews.month) model.monthsWithValues.add(month);
    }
  }
}

function finalizeDay(
  store: OracleStore,
  model: OracleModel,
  { day, manyViews }: { day: number; manyViews: ManyViews },
): void {
  const views = viewsByDay(store.calendar, model).get(day);
  if (views === undefined || model.days.has(day) || isDayRetired(store, day)) return;
  model.days.set(day, { hasValues: views >= manyViews.day });
  model.monthsWithValues.delete(utcMonth(day));
  store.finalized.changedDays.add(day);
}

/** While a day of a model is open, and after it was removed so, the site's day stays open. */
function finalizeSiteDay(store: OracleStore, day: number): void {
  const { models, finalized, calendar } = store;
  if ([...models.values()].some((model) => openDaysOf(store, model).includes(day))) return;
  finalized.changedDays.delete(day);
  finalized.siteMonths.delete(utcMonth(day));
  const isViewed = [...models.values()].some((model) => viewsByDay(calendar, model).has(day));
  if (isViewed) finalized.siteDays.set(day, { hasValues: !isDayRetired(store, day) });
  else finalized.siteDays.delete(day);
}

/** The day of a model changes: a view is added, or some are removed. */
export function openDay({ finalized, calendar }: OracleStore, model: OracleModel, day: number): void {
  model.days.delete(day);
  if (viewsByDay(calendar, model).has(day)) return;
  // The last view is gone: nothing is left to be finalized.
  model.monthsWithValues.delete(utcMonth(day));
  finalized.changedDays.add(day);
}

/** Is it stored who viewed on a day, of this model or of the site? With `withValues`, also with which values. */
export function isStored(
  store: OracleStore,
  day: number,
  { model, withValues = false }: { model?: OracleModel | undefined; withValues?: boolean },
): boolean {
  if (model === undefined) {
    if (openDays(store).has(day)) return false;
    return !withValues || store.finalized.siteDays.get(day)?.hasValues === true;
  }
  const stored = model.days.get(day);
  return stored !== undefined && (!withValues || stored.hasValues);
}

/** Are the values of a whole month of a model stored? */
export function isMonthStored(store: OracleStore, model: OracleModel, month: number): boolean {
  const isOpen = openDaysOf(store, model).some((day) => utcMonth(day) === month);
  return model.monthsWithValues.has(month) && !isOpen;
}
