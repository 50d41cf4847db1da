import type { Unit } from "../maintenance/finalize-periods.ts";
import type { Ask } from "../postgres/transaction.ts";
import type { Span } from "./buckets.ts";

/** Views and viewers of whole days in UTC; viewers are null where only the views themselves could tell. */
export type KnownStats = {
  views: number;
  viewers: number | null;
  /** Retention has removed views: what is not known now never will be. */
  isRetired: boolean;
};

const DAY_MS = 86_400_000;

/** Is this a day, a week from Monday or a month in UTC? By its ends alone, so in any time zone. */
export function utcUnit({ start, end }: Span): Unit | undefined {
  if (start.getTime() % DAY_MS !== 0 || end.getTime() % DAY_MS !== 0) return undefined;
  const days = (end.getTime() - start.getTime()) / DAY_MS;
  if (days === 1) return "day";
  if (days === 7) return start.getUTCDay() === 1 ? "week" : undefined;
  const monthLater = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
  return start.getUTCDate() === 1 && end.getTime() === monthLater ? "month" : undefined;
}

/** $1 is the unit, $2 are the first days of all buckets, of which the last one comes last. */
const UNIT = "('1 ' || $1)::interval";
const DAYS = `day >= ($2::date[])[1] and day < ($2::date[])[array_upper($2::date[], 1)] + ${UNIT}`;
const START = "date_trunc($1, day::timestamp)::date";
const IS_RETIRED = `exists (select from retired_months
    where month < s.start + ${UNIT} and month + interval '1 month' > s.start) as "isRetired"`;

/** Of one model, $3: days have their viewers with them. */
const OF_MODEL = `
with days as materialized (
  select ${START} as start, sum(views) as views, count(*) - count(viewers) as open, max(viewers) as viewers
  from model_days where model_id = $3 and ${DAYS} group by 1
)
select s.start::text as start, coalesce(d.views, 0)::float8 as views,
  (case when d.views is null then 0 when $1 = 'day' then d.viewers when d.open = 0 then p.viewers end)::float8 as viewers,
  ${IS_RETIRED}
from unnest($2::date[]) s(start) left join days d using (start)
left join model_periods p on p.model_id = $3 and p.unit = $1 and p.start = s.start and p.views = d.views`;

/** Of the site: sums of days only where the period is not finalized. */
const OF_SITE = `
with days as materialized (
  select ${START} as start, sum(model_days) as model_days
  from (select day, count(*) as model_days from model_days where ${DAYS} group by 1) each_day group by 1
), open as materialized (
  select distinct ${START} as start from model_days where viewers is null and ${DAYS}
)
select s.start::text as start,
  case when d.start is null then 0
    else coalesce(p.views, (select sum(views) from model_days where day >= s.start and day < s.start + ${UNIT}))::float8
  end as views,
  case when d.start is null then 0 else p.viewers::float8 end as viewers,
  ${IS_RETIRED}
from unnest($2::date[]) s(start) left join days d using (start)
left join site_periods p on p.unit = $1 and p.start = s.start and p.model_days = d.model_days
  and s.start not in (select start from open)`;

/**
 * What is known of days, weeks or months (one unit, in order) without reading views: their views always, their viewers
 * where they are finalized. Bots are left out. Reads model_days by its key, for the site model_days_day_idx alone.
 */
export async function finalizedBuckets(
  ask: Ask,
  { unit, starts, modelId }: { unit: Unit; starts: readonly Date[]; modelId?: string | undefined },
): Promise<KnownStats[]> {
  const days = starts.map((start) => start.toISOString().slice(0, 10));
  const { rows } = await ask<KnownStats & { start: string }>(modelId === undefined ? OF_SITE : OF_MODEL, [
    unit,
    days,
    ...(modelId === undefined ? [] : [modelId]),
  ]);
  const byStart = new Map(rows.map(({ start, ...figures }) => [start, figures]));
  return days.map((day) => {
    const figures = byStart.get(day);
    if (figures === undefined) throw new Error(`nothing was answered of ${day}`);
    return figures;
  });
}
