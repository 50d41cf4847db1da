import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { calendarNext, calendarStart, HOUR_MS, instantOf, iso, localAt, QUARTER_MS } from "./clock.ts";
import { isStored } from "./finalize.ts";
import { countedViews, knownViewers, type OracleModel, type OracleStore, type StoredView } from "./store.ts";
import {
  countWithin,
  isInside,
  type Removed,
  removedDays,
  type Span,
  touches,
  viewersOf,
  viewsLeft,
  within,
} from "./views.ts";

export type SeriesQuestion = {
  span: Span;
  interval: Interval;
  tz: string;
  bots: Bots;
  /** Of one model; of all of them when absent. */
  model?: OracleModel;
};

/** The starts of the buckets that the period touches. */
function startsOf({ span: { from, to }, interval, tz }: SeriesQuestion): number[] {
  const starts = new Set<number>();
  const last = to - 1;
  if (interval === "hour") {
    const startOf = (instant: number) => instant - (((localAt(instant, tz) % HOUR_MS) + HOUR_MS) % HOUR_MS);
    for (let t = from; t <= last; t = (Math.floor(t / QUARTER_MS) + 1) * QUARTER_MS) starts.add(startOf(t));
  } else {
    const end = localAt(last, tz);
    for (let local = calendarStart(localAt(from, tz), interval); local <= end; ) {
      starts.add(instantOf(local, tz));
      local = calendarNext(local, interval);
    }
  }
  return [...starts].sort((a, b) => a - b);
}

/** The buckets, each with its part of the period. */
function bucketsOf(question: SeriesQuestion): { start: string; span: Span }[] {
  const starts = startsOf(question);
  return starts.map((start, index) => ({
    start: iso(start),
    span: {
      from: Math.max(start, question.span.from),
      to: Math.min(starts[index + 1] ?? question.span.to, question.span.to),
    },
  }));
}

export function seriesOf(store: OracleStore, question: SeriesQuestion) {
  return bucketsOf(question).map(({ start, span }) => {
    const { views, viewers } = countWithin(store, span, question);
    return { start, views, uniqueViews: viewers };
  });
}

/** The first view of the model by each viewer, as far as it is stored, among the views that a question with `bots` counts. */
function firstViews(model: OracleModel, bots: Bots): Map<string, number> {
  const known = bots === "only" ? [] : [...knownViewers(model).values()].flat();
  const ofBots = bots === "exclude" ? [] : viewsLeft([model], "only");
  const first = new Map<string, number>();
  for (const { event, at } of [...known, ...ofBots]) {
    first.set(event.viewerIdentifier, Math.min(first.get(event.viewerIdentifier) ?? at, at));
  }
  return first;
}

/** New and returning viewers of the site: new in the bucket of the first view of any model that is known. */
export function siteViewersOverTime(store: OracleStore, question: SeriesQuestion) {
  const { bots } = question;
  const models = [...store.models.values()];
  const views = [
    ...(bots === "only" ? [] : models.flatMap(countedViews)),
    ...(bots === "exclude" ? [] : viewsLeft(models, "only")),
  ];
  const removed = bots === "only" ? [] : removedDays(store, models, "exclude");
  const unknown = removed.filter(({ day }) => !isStored(store, day, {}));
  const buckets = bucketsOf(question);
  const spans = [{ from: -Infinity, to: question.span.from }, ...buckets.map(({ span }) => span)];
  const isCut = ({ whole }: Removed, span: Span) => touches(whole, span) && !isInside(whole, span);
  // A view of a day that is cut next to its removed part, or in it: who viewed is only known at the end of the day.
  const isHeldBack = ({ at, isBot }: StoredView, until: number) =>
    !isBot &&
    removed.some((day) => {
      const span = spans.find(({ from, to }) => at >= from && at < to);
      const isOfDay = at >= day.whole.from && at < day.whole.to && day.whole.to > until;
      return isOfDay && span !== undefined && isCut(day, span) && touches(day, span);
    });
  // Removed views are those of a number, which the viewer of today may not have any more.
  const whoOf = ({ isRemoved, who, event }: StoredView) =>
    isRemoved ? who : store.whoIs(event.viewerIdentifier);
  const first = new Map<string, number>();
  for (const view of views) first.set(whoOf(view), Math.min(first.get(whoOf(view)) ?? view.at, view.at));
  return buckets.map(({ start, span }) => {
    const { viewers } = countWithin(store, span, { bots });
    const isUnknown = unknown.some((day) => day.from < span.to);
    if (viewers === null || isUnknown) return { start, newViewers: null, returningViewers: null };
    const seen = new Set(within(views, span).map(whoOf));
    const before = views.filter((view) => view.at < span.from && !isHeldBack(view, span.from));
    const known = new Set(before.map(whoOf));
    const mayBeNew = [...seen].some((who) => !known.has(who));
    if (mayBeNew && removed.some((day) => isCut(day, span)))
      return { start, newViewers: null, returningViewers: null };
    const fresh = [...seen].filter((who) => (first.get(who) ?? 0) >= span.from);
    return { start, newViewers: fresh.length, returningViewers: viewers - fresh.length };
  });
}

export function viewersOverTime(store: OracleStore, question: SeriesQuestion & { model: OracleModel }) {
  const { bots, model } = question;
  const left = viewsLeft([model], bots);
  const days = removedDays(store, [model], bots);
  const first = firstViews(model, bots);
  return bucketsOf(question).map(({ start, span }) => {
    if (days.some((day) => touches(day, span))) return { start, newViewers: null, returningViewers: null };
    const viewers = [...viewersOf(within(left, span))];
    const fresh = viewers.filter((viewer) => (first.get(viewer) ?? 0) >= span.from);
    return { start, newViewers: fresh.length, returningViewers: viewers.length - fresh.length };
  });
}
