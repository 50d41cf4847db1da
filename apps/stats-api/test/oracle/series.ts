import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { calendarNext, calendarStart, HOUR_MS, instantOf, iso, localAt, QUARTER_MS } from "./clock.ts";
import { isFinalizable, MaybeNull, type Viewers } from "./maybe-null.ts";
import { countedViews, knownViewers, type OracleModel, type OracleStore } from "./store.ts";
import { isInside, removedDays, type Span, touches, viewersOf, viewsLeft, within } from "./views.ts";

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
  const { bots, model } = question;
  const models = model === undefined ? [...store.models.values()] : [model];
  const left = viewsLeft(models, bots);
  const days = removedDays(store, models, bots);
  return bucketsOf(question).map(({ start, span }) => {
    const views = within(left, span);
    const removed = days.filter((day) => touches(day, span));
    const areKnown = removed.every((day) => day.views !== null && isInside(day, span));
    return {
      start,
      views: areKnown ? removed.reduce((sum, day) => sum + (day.views ?? 0), views.length) : null,
      uniqueViews: removed.length === 0 ? viewersOf(views).size : viewersMaybeNull(models, span, bots),
    };
  });
}

/** Viewers of a bucket with removed views. */
function viewersMaybeNull(models: readonly OracleModel[], span: Span, bots: Bots): Viewers {
  if (bots !== "exclude" || !isFinalizable(span)) return null;
  return new MaybeNull(viewersOf(within(models.flatMap(countedViews), span)).size);
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
