import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { ALL, type ValueFilter } from "../audiences/grouping.ts";
import { type SpanStats, spanAudiences } from "../audiences/span-audiences.ts";
import type { Ask } from "../postgres/sql.ts";

/**
 * How many views and different viewers had the whole site in each of these periods? Null where retention has removed what an
 * exact answer needs. Ask it in a transaction of one snapshot.
 *
 * @param periods in order, without overlaps.
 */
export async function siteTotals(
  ask: Ask,
  { periods, filters, bots }: { periods: readonly Period[]; filters?: readonly ValueFilter[]; bots: Bots },
): Promise<readonly SpanStats[]> {
  const spans = periods.map(({ from, to }) => ({ start: from, end: to }));
  return (await spanAudiences(ask, { spans, filters, bots })).of(ALL);
}
