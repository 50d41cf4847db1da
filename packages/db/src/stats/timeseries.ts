import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Bucket, Interval } from "@model-views/shared/contracts/timeseries.ts";
import { ALL, type ValueFilter } from "../audiences/grouping.ts";
import { spanAudiences } from "../audiences/span-audiences.ts";
import type { Ask } from "../postgres/sql.ts";
import { bucketsOf } from "./buckets.ts";

export type TimeseriesQuestion = Period & {
  /** Of one model; of the whole site when absent. */
  modelId?: string | undefined;
  filters?: readonly ValueFilter[] | undefined;
  interval: Interval;
  tz: string;
  bots: Bots;
};

/**
 * How many views and viewers in each hour, day, week or month of a time zone? Without gaps; the first and the last bucket
 * hold only what is in the period. Ask it in a transaction of one snapshot.
 *
 * The whole days of a bucket, and recent hours, are answered by what is stored of them, the rest by the views: of one model by their
 * primary key, of the site all views of these hours. `uniqueViews` and `views` are null where retention has removed views that
 * an exact answer needs.
 */
export async function timeseries(ask: Ask, question: TimeseriesQuestion): Promise<Bucket[]> {
  const { from, modelId, filters, bots } = question;
  const buckets = await bucketsOf(ask, question);
  // Only the first bucket may begin before the period.
  const spans = buckets.map(({ start, end }, index) => ({ start: index === 0 ? from : start, end }));
  const modelIds = modelId === undefined ? undefined : [modelId];
  const audiences = await spanAudiences(ask, { modelIds, filters, spans, bots });
  const stats = audiences.of(modelId ?? ALL);
  return buckets.map(({ start }, index) => ({
    start: start.toISOString(),
    views: stats[index]?.views ?? null,
    uniqueViews: stats[index]?.viewers ?? null,
  }));
}
