import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { isRetiredPeriod } from "../rollups/retired-months.ts";
import { lengthOf, startOf, type Unit } from "../rollups/units.ts";

/** Views and viewers of whole days, weeks or months in UTC; `viewers` is null where only the views can answer. */
export type FinalizedStats = {
  views: number;
  viewers: number | null;
  /** Retention has removed views: what is unknown now stays unknown. */
  isRetired: boolean;
};

/** The days of all buckets, of which the last one comes last. */
type Buckets = { unit: Unit; days: readonly string[] };

/**
 * Days, weeks or months (one unit, in order), without reading views: their views always, their viewers where they are
 * finalized. Bots are left out. Reads model_days by its key; for the site model_days_day_idx alone.
 */
export async function finalizedBuckets(
  ask: Ask,
  { unit, starts, modelId }: { unit: Unit; starts: readonly Date[]; modelId?: string | undefined },
): Promise<FinalizedStats[]> {
  const days = starts.map((start) => start.toISOString().slice(0, 10));
  const { rows } = await ask<FinalizedStats & { start: string }>(
    modelId === undefined ? ofSite({ unit, days }) : ofModel({ unit, days }, modelId),
  );
  const byStart = new Map(rows.map(({ start, ...stats }) => [start, stats]));
  return days.map((day) => {
    const stats = byStart.get(day);
    if (stats === undefined) throw new Error(`no row was returned for ${day}`);
    return stats;
  });
}

/** SQL: the days of `model_days` that these buckets cover. */
function isCovered({ unit, days }: Buckets): SQL {
  return sql`day >= ${days[0]}::date and day < ${days.at(-1)}::date + ${lengthOf(unit)}`;
}

/** SQL: views and viewers of one model. Days carry their viewers themselves. */
function ofModel(buckets: Buckets, modelId: string): SQL {
  const { unit, days } = buckets;
  const finalized = unit === "day" ? sql`d.viewers` : sql`case when d.open = 0 then p.viewers end`;
  return sql`
    with days as materialized (
      select ${startOf(unit, sql`day`)} as start, sum(views) as views, count(*) - count(viewers) as open,
        max(viewers) as viewers
      from model_days where model_id = ${modelId} and ${isCovered(buckets)} group by 1
    )
    select s.start::text as start, coalesce(d.views, 0)::float8 as views,
      (case when d.views is null then 0 else ${finalized} end)::float8 as viewers,
      ${isRetiredPeriod(sql`s.start`, lengthOf(unit))} as "isRetired"
    from unnest(${sql.param(days)}::date[]) s(start) left join days d using (start)
    left join model_periods p
      on p.model_id = ${modelId} and p.unit = ${unit} and p.start = s.start and p.views = d.views`;
}

/** SQL: views and viewers of the site. Days are summed up only where the period is not finalized. */
function ofSite(buckets: Buckets): SQL {
  const { unit, days } = buckets;
  return sql`
    with days as materialized (
      select ${startOf(unit, sql`day`)} as start, sum(model_days) as model_days
      from (
        select day, count(*) as model_days from model_days where ${isCovered(buckets)} group by 1
      ) each_day group by 1
    ), open as materialized (
      select distinct ${startOf(unit, sql`day`)} as start from model_days
      where viewers is null and ${isCovered(buckets)}
    )
    select s.start::text as start,
      case when d.start is null then 0
        else coalesce(
          p.views,
          (select sum(views) from model_days where day >= s.start and day < s.start + ${lengthOf(unit)})
        )::float8
      end as views,
      case when d.start is null then 0 else p.viewers::float8 end as viewers,
      ${isRetiredPeriod(sql`s.start`, lengthOf(unit))} as "isRetired"
    from unnest(${sql.param(days)}::date[]) s(start) left join days d using (start)
    left join site_periods p on p.unit = ${unit} and p.start = s.start and p.model_days = d.model_days
      and s.start not in (select start from open)`;
}
