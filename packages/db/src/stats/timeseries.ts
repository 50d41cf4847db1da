import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Bucket, Interval } from "@model-views/shared/contracts/timeseries.ts";
import { UNITS } from "../maintenance/finalize-periods.ts";
import type { Ask } from "../postgres/transaction.ts";
import { bucketsOf, type Span } from "./buckets.ts";
import { finalizedBuckets, utcUnit } from "./finalized-buckets.ts";
import { rawBuckets } from "./raw-buckets.ts";

export type TimeseriesQuestion = Period & {
  /** Of one model; of the whole site when absent. */
  modelId?: string | undefined;
  interval: Interval;
  tz: string;
  bots: Bots;
};

type Figures = Omit<Bucket, "start">;

/** Groups of neighbours that are counted by a statement each; were there more, one reads everything in between as well. */
const COUNTS_MAX = 4;

/**
 * How many views and viewers in each hour, day, week or month of a time zone? Without gaps; the first and the last bucket
 * hold only what is in the period. Ask it in a transaction of one snapshot.
 *
 * Buckets that are whole days, weeks or months in UTC are answered by the rollups as far as they are finalized; the others by
 * the views: of one model by their primary key, of the site all of the bucket. `uniqueViews` and `views` are null where
 * retention has removed what would tell them exactly.
 */
export async function timeseries(ask: Ask, question: TimeseriesQuestion): Promise<Bucket[]> {
  const buckets = await bucketsOf(ask, question);
  const known = question.bots === "exclude" ? await knownFigures(ask, buckets, question) : new Map();
  for (const group of groupsOf(buckets, (bucket) => !known.has(bucket))) {
    const counted = await rawBuckets(ask, group, question);
    for (const [index, bucket] of group.entries()) known.set(bucket, counted[index]);
  }
  return buckets.map((bucket) => ({ start: bucket.start.toISOString(), ...known.get(bucket) }));
}

/** What the rollups tell of these buckets. */
async function knownFigures(
  ask: Ask,
  buckets: readonly Span[],
  { from, modelId }: TimeseriesQuestion,
): Promise<Map<Span, Figures>> {
  const known = new Map<Span, Figures>();
  for (const unit of UNITS) {
    const whole = buckets.filter((bucket) => bucket.start >= from && utcUnit(bucket) === unit);
    if (whole.length === 0) continue;
    const figures = await finalizedBuckets(ask, { unit, starts: whole.map(({ start }) => start), modelId });
    for (const [index, bucket] of whole.entries()) {
      const { views = 0, viewers = null, isRetired = false } = figures[index] ?? {};
      if (viewers !== null || isRetired) known.set(bucket, { views, uniqueViews: viewers });
    }
  }
  return known;
}

/** Neighbours that have to be counted. */
function groupsOf(buckets: readonly Span[], isAsked: (bucket: Span) => boolean): Span[][] {
  const groups: Span[][] = [];
  let isOpen = false;
  for (const bucket of buckets) {
    if (!isAsked(bucket)) isOpen = false;
    else if (isOpen) groups.at(-1)?.push(bucket);
    else {
      groups.push([bucket]);
      isOpen = true;
    }
  }
  if (groups.length <= COUNTS_MAX) return groups;
  const first = buckets.findIndex(isAsked);
  return [buckets.slice(first, buckets.findLastIndex(isAsked) + 1)];
}
