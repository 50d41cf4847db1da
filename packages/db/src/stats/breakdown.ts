import type { Dimension, Share } from "@model-views/shared/breakdown.ts";
import type { Ask } from "../transaction.ts";
import { type ViewsFilter, viewsWhere } from "./views-where.ts";
import { viewersInWindow, viewsInWindow, type Window, windowOf } from "./window-figures.ts";

/** The column of each dimension. */
const COLUMNS = {
  device: "device",
  browser: "browser",
  os: "os",
  country: "country",
  referrer: "referrer_host",
  utm_source: "utm_source",
  utm_medium: "utm_medium",
  utm_campaign: "utm_campaign",
} as const satisfies Record<Dimension, string>;

export type BreakdownQuestion = ViewsFilter & { by: Dimension; limit: number };

export type Breakdown = { items: Share[]; totalViews: number; uniqueViews: number; isIncomplete: boolean };

type BreakdownRow = {
  value: string | null;
  views: number;
  viewers: number;
  all_views: number;
  all_viewers: number | null;
};

/**
 * Which values did the views of a period have, and how many views and viewers each? The most viewed first, ties by value.
 *
 * Reads the views themselves, by the primary key for one model. What retention has removed is not in it, and
 * `isIncomplete` says so. Ask it in a transaction of one snapshot.
 */
export async function breakdown(ask: Ask, question: BreakdownQuestion): Promise<Breakdown> {
  const { by, limit } = question;
  const window = await windowOf(ask, question);
  const { where, values } = viewsWhere(question, 1);
  const known = await knownViewers(ask, question, window);
  const { rows } = await ask<BreakdownRow>(
    `with each_viewer as materialized (
       select ${COLUMNS[by]} as value, viewer_identifier, count(*) as views from model_views where ${where} group by 1, 2
     ), found as (
       select value, sum(views)::float8 as views, count(*)::float8 as viewers from each_viewer group by 1
       order by views desc, value nulls last limit $1
     )
     select found.*, (select sum(views)::float8 from each_viewer) as all_views,
       ${known === undefined ? "(select count(*)::float8 from (select from each_viewer group by viewer_identifier) v)" : "null"}
         as all_viewers
     from found order by views desc, value nulls last`,
    [limit, ...values],
  );
  const totalViews = rows[0]?.all_views ?? 0;
  const uniqueViews = known ?? rows[0]?.all_viewers ?? 0;
  return {
    items: rows.map(({ value, views, viewers }) => ({
      value,
      views,
      uniqueViews: viewers,
      share: totalViews === 0 ? 0 : views / totalViews,
    })),
    totalViews,
    uniqueViews,
    isIncomplete: window.isIncomplete,
  };
}

/** All viewers of a model, where its rollup can tell them: then they need not be told apart once more. */
async function knownViewers(
  ask: Ask,
  { modelId, bots }: BreakdownQuestion,
  window: Window,
): Promise<number | undefined> {
  if (modelId === undefined || bots !== "exclude" || !window.isRecent || window.isIncomplete)
    return undefined;
  const { rows } = await ask<{ viewers: number }>(
    `select ${viewersInWindow(window)}::float8 as viewers
     from (${viewsInWindow(window, "and model_id = $5")}) f`,
    [...window.values, modelId],
  );
  return rows[0]?.viewers;
}
