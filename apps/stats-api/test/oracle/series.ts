import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { calendarNext, calendarStart, HOUR_MS, instantOf, iso, localAt, QUARTER_MS } from "./clock.ts";
import { isSealable, PerhapsUnknown, type Viewers } from "./perhaps.ts";
import { countedViews, knownViewers, type PlainModel, type PlainStore } from "./store.ts";
import { isInside, removedDays, type Span, touches, viewersOf, viewsLeft, within } from "./views.ts";

export type SeriesQuestion = {
  span: Span;
  interval: Interval;
  tz: string;
  bots: Bots;
  /** Of one model; of all of them when absent. */
  model?: PlainModel;
};

/** Where the buckets begin that the period has a part of. */
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

/** The buckets with what of the period is in each. */
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

export function seriesOf(store: PlainStore, question: SeriesQuestion) {
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
      uniqueViews: removed.length === 0 ? viewersOf(views).size : oncePerhaps(models, span, bots),
    };
  });
}

/** Viewers of a bucket of which some views are removed. */
function oncePerhaps(models: readonly PlainModel[], span: Span, bots: Bots): Viewers {
  if (bots !== "exclude" || !isSealable(span)) return null;
  return new PerhapsUnknown(viewersOf(within(models.flatMap(countedViews), span)).size);
}

/** When each viewer is first known to have viewed the model, among the views that a question with `bots` is about. */
function firstViews(model: PlainModel, bots: Bots): Map<string, number> {
  const known = bots === "only" ? [] : [...knownViewers(model).values()].flat();
  const ofBots = bots === "exclude" ? [] : viewsLeft([model], "only");
  const first = new Map<string, number>();
  for (const { event, at } of [...known, ...ofBots]) {
    first.set(event.viewerIdentifier, Math.min(first.get(event.viewerIdentifier) ?? at, at));
  }
  return first;
}

export function viewersOverTime(store: PlainStore, question: SeriesQuestion & { model: PlainModel }) {
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
