import type { Pool } from "pg";
import { inTransaction } from "../postgres/transaction.ts";
import { waitForFinalizing } from "./maintenance-lock.ts";

/** Milliseconds that counting a month may take. */
const STATEMENT_TIMEOUT_MS = 1_800_000;

export const UNITS = ["day", "week", "month"] as const;
export type Unit = (typeof UNITS)[number];

/** Retention has removed views of a period that begins on `start`. */
const isRetired = (start: string) => `exists (select from retired_months
    where month < ${start} + ('1 ' || $1)::interval and month + interval '1 month' > ${start})`;

/**
 * Periods that are over, of which every day of every model is finalized, and whose own finalize is missing or broken: by a late
 * view, or because a model was deleted with its days.
 */
const UNSEALED = `
select start::text as start from (
  select date_trunc($1, day::timestamp)::date as start, count(*) as model_days
  from model_days
  where day < $2 and date_trunc($1, day::timestamp) + ('1 ' || $1)::interval <= $2::date::timestamp
  group by 1
  having count(*) = count(viewers)
) days
where not exists (select from site_periods s where s.unit = $1 and s.start = days.start and s.model_days = days.model_days)
  and not ${isRetired("days.start")}
order by 1`;

/**
 * One statement, so one snapshot: views and viewers belong together. What is recorded or removed meanwhile breaks the finalize of
 * its day, and finalizing that day again removes the finalize that is made here. Models that are deleted at the moment are left out.
 */
const SEAL = `
with bounds as (
  select $2::date as first, ($2::date + ('1 ' || $1)::interval)::date as after where not ${isRetired("$2::date")}
), days as materialized (
  select model_id, sum(views) as views, count(*) as rows, count(*) - count(viewers) as open
  from model_days, bounds where day >= first and day < after group by 1
), views as materialized (
  select model_id, viewer_identifier from model_views, bounds
  where viewed_at >= first::timestamp at time zone 'utc' and viewed_at < after::timestamp at time zone 'utc' and not is_bot
  group by 1, 2
), live as materialized (
  select id from models where $1 <> 'day' and id in (select model_id from days where open = 0)
  order by id for key share skip locked
), of_models as (
  insert into model_periods (model_id, unit, start, views, viewers)
  select model_id, $1, $2, d.views, v.viewers
  from live join days d on d.model_id = live.id
  join (select model_id, count(*) as viewers from views group by 1) v using (model_id)
  order by model_id
  on conflict (model_id, unit, start) do update set views = excluded.views, viewers = excluded.viewers
)
insert into site_periods (unit, start, views, viewers, model_days)
select $1, $2, d.views, (select count(*) from (select from views group by viewer_identifier) v), d.rows
from (select sum(views) as views, sum(rows) as rows, sum(open) as open from days) d where open = 0
on conflict (unit, start) do update set
  views = excluded.views, viewers = excluded.viewers, model_days = excluded.model_days`;

/**
 * Counts the different viewers of the site, and of each model, in every day, week and month before `today` whose days are
 * finalized. Says how many periods that were.
 */
export async function finalizePeriods(
  pool: Pool,
  { today, onProgress }: { today: string; onProgress: (what: string) => void },
): Promise<number> {
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  let finalized = 0;
  for (const unit of UNITS) {
    const starts = await inTransaction(pool, options, async (ask) => {
      const { rows } = await ask<{ start: string }>(UNSEALED, [unit, today]);
      return rows.map(({ start }) => start);
    });
    for (const start of starts) {
      await inTransaction(pool, options, async (ask) => {
        await waitForFinalizing(ask);
        finalized += (await ask(SEAL, [unit, start])).rowCount ?? 0;
      });
      onProgress(`${unit} of ${start}`);
    }
  }
  return finalized;
}
