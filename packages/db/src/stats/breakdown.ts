import type { Dimension, Share } from "@model-views/shared/contracts/breakdown.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import type { ViewColumn } from "../recording/view-columns.ts";
import { partsOfPeriod } from "./period-parts.ts";
import { type ViewsFilter, viewsWhere } from "./views-where.ts";

/** The column of each dimension. */
const COLUMNS: Record<Dimension, ViewColumn> = {
  device: "device",
  browser: "browser",
  os: "os",
  country: "country",
  referrer: "referrer_host",
  utm_source: "utm_source",
  utm_medium: "utm_medium",
  utm_campaign: "utm_campaign",
};

export type BreakdownQuestion = ViewsFilter & { by: Dimension; limit: number };

export type Breakdown = { items: Share[]; totalViews: number; isIncomplete: boolean };

type BreakdownRow = { value: string | null; views: number; viewers: number; all_views: number };

/**
 * Which values did the views of a period have, and how many views and viewers each? The most viewed first; ties by value,
 * in the same order in every locale of the database.
 *
 * Reads the views themselves, of one model by the primary key. What retention has removed is missing, and `isIncomplete`
 * reports that. Ask it in a transaction of one snapshot.
 */
export async function breakdown(ask: Ask, question: BreakdownQuestion): Promise<Breakdown> {
  const { isIncomplete } = await partsOfPeriod(ask, question);
  const { rows } = await ask<BreakdownRow>(sql`
    select value, sum(views)::float8 as views, count(*)::float8 as viewers,
      sum(sum(views)) over ()::float8 as all_views
    from (
      select ${sql.identifier(COLUMNS[question.by])} as value, viewer_identifier, count(*) as views
      from model_views where ${viewsWhere(question)} group by 1, 2
    ) each_viewer
    group by 1 order by views desc, value collate "C" nulls last limit ${question.limit}`);
  const totalViews = rows[0]?.all_views ?? 0;
  return {
    items: rows.map(({ value, views, viewers }) => ({
      value,
      views,
      uniqueViews: viewers,
      share: totalViews === 0 ? 0 : views / totalViews,
    })),
    totalViews,
    isIncomplete,
  };
}
