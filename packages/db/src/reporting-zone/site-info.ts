import { type Ask, sql } from "../postgres/sql.ts";
import { zoneRows } from "./reporting-zone.ts";

/** What every question about a period of the site begins with. */
export type SiteInfo = { reportingTimeZone: string; firstDay: string | null };

/**
 * What is the reporting time zone, and which is the first day with views that are counted? By the primary key of site_days, and by
 * model_days_day_idx.
 */
export async function siteInfo(ask: Ask): Promise<SiteInfo> {
  const [[{ timeZone }], { rows }] = await Promise.all([
    zoneRows(ask),
    ask<{ firstDay: string | null }>(sql`
      select least((select min(day) from site_days), (select min(day) from model_days))::text as "firstDay"`),
  ]);
  return { reportingTimeZone: timeZone, firstDay: rows[0]?.firstDay ?? null };
}
