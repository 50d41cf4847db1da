import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Bucket, Interval } from "@model-views/shared/contracts/timeseries.ts";
import type { Ask } from "../postgres/sql.ts";
import { UNITS, utcUnit } from "../rollups/units.ts";
import { bucketsOf, type Span } from "./buckets.ts";
import { finalizedBuckets } from "./finalized-buckets.ts";
import { rawBuckets } from "./raw-buckets.ts";

export type TimeseriesQuestion = Period & {
  /** Of one model; of the whole site when absent. */
  modelId?: string | undefined;
  interval: Interval;
  tz: string;
  bots: Bots;
};

type BucketStats = Omit<Bucket, "start">;

/** Groups of neighbouring buckets that are counted by one statement each; of more groups, one statement counts all in between too. */
const COUNTS_MAX = 4;

/**
 * How many views and viewers in each hour, day, week or month of a time zone? Without gaps; the first and the last bucket
 * hold only what is in the period. Ask it in a transaction of one snapshot.
 *
 * Buckets that are whole days, weeks or months in UTC are answered by the rollups as far as they are finalized; the others
 * by the views: of one model by their primary key, of the site all views of the bucket. `uniqueViews` and `views` are null
 * where retention has removed views that an exact answer needs.
 */
export async function timeseries(ask: Ask, question: TimeseriesQuestion): Promise<Bucket[]> {
  const buckets = await bucketsOf(ask, question);
  const stats = question.bots === "exclude" ? await finalizedStats(ask, buckets, question) : new Map();
  for (const group of groupsOf(buckets, (bucket) => !stats.has(bucket))) {
    const raw = await rawBuckets(ask, group, question);
    for (const [index, bucket] of group.entries()) stats.set(bucket, raw[index]);
  }
  return buckets.map((bucket) => ({ start: bucket.start.toISOString(), ...stats.get(bucket) }));
}

/** What the rollups can answer about these buckets. */
async function finalizedStats(
  ask: Ask,
  buckets: readonly Span[],
  { from, modelId }: TimeseriesQuestion,
): Promise<Map<Span, BucketStats>> {
  const stats = new Map<Span, BucketStats>();
  for (const unit of UNITS) {
    const whole = buckets.filter((bucket) => bucket.start >= from && utcUnit(bucket) === unit);
    if (whole.length === 0) continue;
    const found = await finalizedBuckets(ask, { unit, starts: whole.map(({ start }) => start), modelId });
    for (const [index, bucket] of whole.entries()) {
      const { views = 0, viewers = null, isRetired = false } = found[index] ?? {};
      if (viewers !== null || isRetired) stats.set(bucket, { views, uniqueViews: viewers });
    }
  }
  return stats;
}

/** Neighbouring buckets that have to be counted from the views. */
function groupsOf(buckets: readonly Span[], isRaw: (bucket: Span) => boolean): Span[][] {
  const groups: Span[][] = [];
  let isOpen = false;
  for (const bucket of buckets) {
    if (!isRaw(bucket)) isOpen = false;
    else if (isOpen) groups.at(-1)?.push(bucket);
    else {
      groups.push([bucket]);
      isOpen = true;
    }
  }
  if (groups.length <= COUNTS_MAX) return groups;
  const first = buckets.findIndex(isRaw);
  return [buckets.slice(first, buckets.findLastIndex(isRaw) + 1)];
}
