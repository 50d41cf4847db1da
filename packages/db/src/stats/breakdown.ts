import type { Dimension, Share } from "@model-views/shared/contracts/breakdown.ts";
import type { Ask } from "../postgres/transaction.ts";
import { partsOfPeriod } from "./period-parts.ts";
import { type ViewsFilter, viewsWhere } from "./views-where.ts";

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

export type Breakdown = { items: Share[]; totalViews: number; isIncomplete: boolean };

type BreakdownRow = {
  value: string | null;
  views: number;
  viewers: number;
  all_views: number;
};

/**
 * Which values did the views of a period have, and how many views and viewers each? The most viewed first, ties by value, in
 * every locale of the database the same.
 *
 * Reads the views themselves, by the primary key for one model. What retention has removed is not in it, and
 * `isIncomplete` says so. Ask it in a transaction of one snapshot.
 */
export async function breakdown(ask: Ask, question: BreakdownQuestion): Promise<Breakdown> {
  const { by, limit } = question;
  const parts = await partsOfPeriod(ask, question);
  const { where, values } = viewsWhere(question, 1);
  const { rows } = await ask<BreakdownRow>(
    `select value, sum(views)::float8 as views, count(*)::float8 as viewers, sum(sum(views)) over ()::float8 as all_views
     from (
       select ${COLUMNS[by]} as value, viewer_identifier, count(*) as views from model_views where ${where} group by 1, 2
     ) each_viewer
     group by 1 order by views desc, value collate "C" nulls last limit $1`,
    [limit, ...values],
  );
  const totalViews = rows[0]?.all_views ?? 0;
  return {
    items: rows.map(({ value, views, viewers }) => ({
      value,
      views,
      uniqueViews: viewers,
      share: totalViews === 0 ? 0 : views / totalViews,
    })),
    totalViews,
    isIncomplete: parts.isIncomplete,
  };
}
