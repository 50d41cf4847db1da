import type { SQL } from "drizzle-orm";
import { sql } from "../postgres/sql.ts";
import { isRetiredPeriod } from "./retired-months.ts";

/**
 * SQL: finalized periods as found and as the raw views have them. Leaves out periods that no question uses, and those
 * of which retention has removed views: there is nothing left to compare.
 */
function periodsOf(
  rollup: SQL,
  { key, units, name, isUsed }: Record<"key" | "units" | "name" | "isUsed", SQL>,
) {
  const start = (day: SQL) => sql`date_trunc(unit, ${day})::date as start`;
  const isRetired = isRetiredPeriod(sql`p.start`, sql`('1 ' || p.unit)::interval`);
  return sql`
    select ${name} as key, concat_ws(' ', p.views, p.viewers) as found,
      concat_ws(' ', d.views, r.viewers) as expected
    from ${rollup} p join (
      select ${key}, sum(views) as views, count(*) as model_days, count(*) - count(viewers) as open
      from (
        select *, ${start(sql`day::timestamp`)} from model_days cross join (values ${units}) u(unit)
      ) d group by ${key}
    ) d using (${key})
    left join (
      select ${key}, count(*) as viewers from (
        select ${key}, viewer_identifier from (
          select *, ${start(sql`viewed_at at time zone 'utc'`)}
          from model_views cross join (values ${units}) u(unit) where not is_bot
        ) r group by ${key}, viewer_identifier
      ) each_viewer group by ${key}
    ) r using (${key})
    where ${isUsed} and d.open = 0 and not ${isRetired}`;
}

/** SQL: finalized weeks and months of models. */
export const MODEL_PERIODS = periodsOf(sql`model_periods`, {
  key: sql`model_id, unit, start`,
  units: sql`('week'), ('month')`,
  name: sql`p.model_id || ' ' || p.unit || ' of ' || p.start`,
  isUsed: sql`p.views = d.views`,
});

/** SQL: finalized days, weeks and months of the site. */
export const SITE_PERIODS = periodsOf(sql`site_periods`, {
  key: sql`unit, start`,
  units: sql`('day'), ('week'), ('month')`,
  name: sql`p.unit || ' of ' || p.start`,
  isUsed: sql`p.model_days = d.model_days`,
});
