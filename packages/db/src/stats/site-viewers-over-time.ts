import type { Period } from "@model-views/shared/contracts/period.ts";
import type { ViewersBucket } from "@model-views/shared/contracts/viewers-over-time.ts";
import { type Audience, createPauses, numbersOf, openAudiences } from "../audiences/audience.ts";
import { ALL } from "../audiences/grouping.ts";
import { daysOfPeriod, earlier, type Span, sourcesOf } from "../audiences/period-days.ts";
import { groupedViews } from "../audiences/raw-audiences.ts";
import { UNITS } from "../audiences/read-stored.ts";
import { monthOf, startOfDay } from "../audiences/reporting-days.ts";
import { storedFor } from "../audiences/stored-audiences.ts";
import { readInOrder, type StoredPiece } from "../audiences/stored-in-order.ts";
import { WITH_BOTS } from "../audiences/views-where.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type TimeseriesQuestion, timeseries } from "./timeseries.ts";

export type SiteViewersQuestion = Omit<TimeseriesQuestion, "modelId" | "filters">;

/** No view is older: a backfill takes views since 1990. */
const FIRST = new Date(0);

/**
 * How many viewers in each hour, day, week or month viewed any model of the site for the first time, and how many had viewed
 * one before? The buckets and their viewers are those of {@link timeseries}, so the two numbers add up to its `uniqueViews`.
 * Ask it in a transaction of one snapshot.
 *
 * A viewer is new in a bucket whose audience has their number, or themselves, and no earlier audience of the site. All audiences
 * count that are known, also behind retention: of a deleted model none is. A viewer whom every model's retention has pruned, or
 * an erasure removed, gets another number on return, so is new. Both are null in a bucket that `uniqueViews` is null in, from the
 * first day on of which retention has removed who viewed, and in a bucket that has a part of a day with removed views, unless
 * no viewer in it can be new.
 *
 * Unites what is stored of months, days and hours since the first view; the rest, up to the period's end, is read from the views. Views
 * of bots are stored nowhere, so with them all views of bots until then are read, and a bot whose earlier views retention has
 * removed is new again.
 */
export async function siteViewersOverTime(ask: Ask, question: SiteViewersQuestion): Promise<ViewersBucket[]> {
  const buckets = await timeseries(ask, question);
  const spans = spansOf(question, buckets);
  const parts = question.bots === "only" ? spans.map(() => NOTHING) : await partsOf(ask, spans);
  const first = await firstViews(ask, question, { spans, parts });
  const take = readInOrder(
    ask,
    parts.flatMap(({ stored, cut }) => [...stored, ...cut]),
  );
  const newAudience = await openAudiences();
  const pause = createPauses();
  let isKnown = true;
  const addTo = async (audience: Audience, pieces: readonly StoredPiece[]) => {
    for (const piece of pieces) {
      const bytes = await take(piece);
      if (bytes === null) isKnown = false;
      else if (bytes !== undefined) audience.add(bytes);
      await pause(bytes?.length ?? 0);
    }
  };
  using seen = newAudience();
  const found: { fresh: number; isKnown: boolean }[] = [];
  for (const [index, { stored, cut, isCut, isUnknown }] of parts.entries()) {
    using viewed = newAudience();
    await addTo(viewed, stored);
    const { numbers, unnumbered } = first.get(index) ?? NO_VIEWERS;
    viewed.addNumbers(numbers);
    isKnown &&= !isUnknown;
    const fresh = viewed.size - viewed.sizeOfBoth(seen) + unnumbered;
    // Who was seen in the removed part of a cut day may be among them, so there are at most so many.
    found.push({ fresh, isKnown: isKnown && (!isCut || fresh === 0) });
    seen.unite(viewed);
    await addTo(seen, cut);
  }
  return buckets.map(({ start, uniqueViews }, index) => {
    const { fresh, isKnown } = found[index + 1] ?? { fresh: 0, isKnown: false };
    if (uniqueViews === null || !isKnown) return { start, newViewers: null, returningViewers: null };
    return { start, newViewers: fresh, returningViewers: uniqueViews - fresh };
  });
}

/** All time before the period, and each bucket. */
function spansOf({ from, to }: SiteViewersQuestion, buckets: readonly { start: string }[]): Span[] {
  const starts = buckets.map(({ start }, index) => (index === 0 ? from : new Date(start)));
  return [
    { start: FIRST, end: from },
    ...starts.map((start, index) => ({ start, end: starts[index + 1] ?? to })),
  ];
}

/** What answers about a span, without bots. */
type SpanParts = {
  stored: StoredPiece[];
  raw: Span[];
  /** Stored days with removed views that end in the span and begin before it: who was seen on them is known only at their end. */
  cut: StoredPiece[];
  /** The span has a part of such a day. */
  isCut: boolean;
  /** Retention has removed who viewed on a day. */
  isUnknown: boolean;
};

const NOTHING: SpanParts = { stored: [], raw: [], cut: [], isCut: false, isUnknown: false };

/** Does a span have a part of the day, and not all of it? */
function isCut(day: Span, { start, end }: Span): boolean {
  const isTouched = day.start < end && day.end > start;
  return isTouched && !(day.start >= start && day.end <= end);
}

async function partsOf(ask: Ask, spans: readonly Span[]): Promise<SpanParts[]> {
  const [before] = spans;
  const viewed = await viewedPeriod(ask);
  const to = spans.at(-1)?.end;
  if (before === undefined || to === undefined || viewed === undefined || viewed.from >= to)
    return spans.map(() => NOTHING);
  const days = await daysOfPeriod(ask, { from: viewed.from, to: earlier(viewed.to, to) });
  const daysOfBuckets = days.filter(({ end }) => end > before.end);
  const stored = (await storedFor(ask, {}, days))(ALL);
  const sources = spans.map((span, index) => sourcesOf(span, index === 0 ? days : daysOfBuckets, stored));
  const retired = days.filter((day) => day.retired !== undefined);
  const retiredViewed = await viewedDays(
    ask,
    retired.map(({ day }) => day),
  );
  return sources.map(({ raw, removed, ...of }, index) => {
    const span = spans[index] ?? before;
    const cut = retired.filter((day) => retiredViewed.has(day.day) && isCut(day, span));
    return {
      stored: UNITS.flatMap((unit) => of[`${unit}s`].map((start) => ({ unit, start }))),
      raw,
      cut: cut
        .filter(({ day, end }) => stored.hasDay(day) && end <= span.end)
        .map(({ day }) => ({ unit: "day", start: day }) as const),
      isCut: cut.length > 0,
      isUnknown: removed.some(({ day }) => retiredViewed.has(day) && !stored.hasDay(day)),
    };
  });
}

/** From the first month with views to the last day with some; undefined without views. Reads model_days_day_idx. */
async function viewedPeriod(ask: Ask): Promise<Period | undefined> {
  const { rows } = await ask<{ from: Date | null; to: Date | null }>(sql`
    select ${startOfDay(monthOf(sql`min(day)`))} as "from", ${startOfDay(sql`max(day) + 1`)} as "to" from model_days`);
  const [{ from, to } = { from: null, to: null }] = rows;
  return from === null || to === null ? undefined : { from, to };
}

/** On which of these days were there views? Reads model_days_day_idx. */
async function viewedDays(ask: Ask, days: readonly string[]): Promise<Set<string>> {
  if (days.length === 0) return new Set();
  const { rows } = await ask<{ day: string }>(sql`
    select distinct day::text as day from model_days where day = any(${sql.param(days)}::date[])`);
  return new Set(rows.map(({ day }) => day));
}

/** Viewers whose first view that was read is in a span: by their numbers, and how many have none. */
type FirstViews = { numbers: Uint32Array; unnumbered: number };

const NO_VIEWERS: FirstViews = { numbers: new Uint32Array(), unnumbered: 0 };

/** Of the views that have to be read, the first one of each viewer, by the span that it is in. */
async function firstViews(
  ask: Ask,
  { bots }: SiteViewersQuestion,
  { spans, parts }: { spans: readonly Span[]; parts: readonly SpanParts[] },
): Promise<Map<number, FirstViews>> {
  const viewer = sql`viewer_identifier`;
  const views = [
    groupedViews(
      parts.map(({ raw }) => raw),
      { where: WITH_BOTS.exclude },
      viewer,
    ),
    bots === "exclude"
      ? undefined
      : groupedViews(
          spans.map((span) => [span]),
          { where: WITH_BOTS.only },
          viewer,
        ),
  ].filter((each) => each !== undefined);
  if (views.length === 0) return new Map();
  const { rows } = await ask<{ index: number; viewers: number; numbers: Buffer | null }>(sql`
    select first as index, count(*)::float8 as viewers, string_agg(int4send(n.viewer_number), '') as numbers
    from (
      select viewer_identifier, min(index) as first from (${sql.join(views, sql` union all `)}) views
      where index is not null group by 1
    ) each_viewer left join viewer_numbers n using (viewer_identifier) group by 1`);
  return new Map(
    rows.map(({ index, viewers, numbers: bytes }) => {
      const numbers = bytes === null ? NO_VIEWERS.numbers : numbersOf(bytes);
      return [index, { numbers, unnumbered: viewers - numbers.length }];
    }),
  );
}
