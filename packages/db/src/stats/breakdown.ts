import type { Dimension, Share } from "@model-views/shared/contracts/breakdown.ts";
import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { partsOfKey, type ValueFilter } from "../audiences/grouping.ts";
import { spanAudiences } from "../audiences/span-audiences.ts";
import type { Ask } from "../postgres/sql.ts";

export type BreakdownsQuestion = Period & {
  /** Of one model; of the whole site when absent. */
  modelId?: string | undefined;
  filters?: readonly ValueFilter[] | undefined;
  bots: Bots;
  /** Different ones. */
  by: readonly Dimension[];
  /** Values of each dimension. */
  limit: number;
};

export type Breakdown = { items: Share[]; totalViews: number; isIncomplete: boolean };

/** {@link breakdowns} by one dimension. */
export async function breakdown(
  ask: Ask,
  { by, ...question }: Omit<BreakdownsQuestion, "by"> & { by: Dimension },
): Promise<Breakdown> {
  const [{ by: _, ...found } = NOTHING] = await breakdowns(ask, { ...question, by: [by] });
  return found;
}

const NOTHING = { by: undefined, items: [], totalViews: 0, isIncomplete: false };

/**
 * Which values did the views of a period have, by each of these dimensions, and how many views and viewers each? The most viewed
 * first; ties by value, in the same order in every locale of the database.
 *
 * From what is stored of whole days and, of the site, of recent hours, and the views of the rest, read once for all dimensions: of one model by the
 * primary key. Of a model with few views on a day, with several filters, and by another dimension than that of the filter, all of it
 * is read from the views.
 * `isIncomplete`: retention has removed views whose values are stored nowhere. Ask it in a transaction of one snapshot.
 */
export async function breakdowns(
  ask: Ask,
  question: BreakdownsQuestion,
): Promise<(Breakdown & { by: Dimension })[]> {
  const { from, to, modelId, filters, by, bots, limit } = question;
  const audiences = await spanAudiences(ask, {
    modelIds: modelId === undefined ? undefined : [modelId],
    filters,
    by,
    spans: [{ start: from, end: to }],
    bots,
    limit,
  });
  const found = audiences.keys.map((key) => {
    const [{ views, viewers } = { views: 0, viewers: 0 }] = audiences.of(key);
    return { ...partsOfKey(key), views: views ?? 0, uniqueViews: viewers };
  });
  const byDimension = Map.groupBy(found, ({ dimension }) => dimension);
  return by.map((dimension) => {
    const values = byDimension.get(dimension) ?? [];
    const totalViews = values.reduce((sum, { views }) => sum + views, 0);
    return {
      by: dimension,
      totalViews,
      isIncomplete: audiences.isIncomplete(dimension),
      items: values
        .toSorted(byViews)
        .slice(0, limit)
        .map(({ value, views, uniqueViews }) => {
          if (uniqueViews === null) throw new Error("a value without its viewers");
          return { value, views, uniqueViews, share: totalViews === 0 ? 0 : views / totalViews };
        }),
    };
  });
}

type Valued = { value: string | null; views: number };

/** The most viewed first, then by the bytes of the value, the unknown one last. */
function byViews(a: Valued, b: Valued): number {
  if (a.views !== b.views) return b.views - a.views;
  if (a.value === null || b.value === null) return a.value === null ? 1 : -1;
  return Buffer.compare(Buffer.from(a.value), Buffer.from(b.value));
}
