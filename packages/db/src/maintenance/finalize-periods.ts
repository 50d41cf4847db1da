import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { isRetiredPeriod } from "../rollups/retired-months.ts";
import { lengthOf, startOf, UNITS, type Unit } from "../rollups/units.ts";

/** Milliseconds that counting a month may take. */
const STATEMENT_TIMEOUT_MS = 1_800_000;

/**
 * Counts the different viewers of the site, and of each model, in every day, week and month before `today` whose days are
 * finalized.
 *
 * @returns how many periods of the site were finalized.
 */
export async function finalizePeriods(
  pool: Pool,
  { today, onProgress }: { today: string; onProgress: (what: string) => void },
): Promise<number> {
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  let finalized = 0;
  for (const unit of UNITS) {
    const starts = await inTransaction(pool, options, async (ask) => {
      const { rows } = await ask<{ start: string }>(openPeriods(unit, today));
      return rows.map(({ start }) => start);
    });
    for (const start of starts) {
      await inTransaction(pool, options, async (ask) => {
        await waitForLock(ask, "finalize");
        finalized += (await ask(finalize(unit, start))).rowCount ?? 0;
      });
      onProgress(`${unit} of ${start}`);
    }
  }
  return finalized;
}

/**
 * SQL: periods that are over and open, although every day of every model in them is finalized. A finalized period is
 * open again after a late view, or after a model was deleted with its days.
 */
function openPeriods(unit: Unit, today: string): SQL {
  const start = startOf(unit, sql`day`);
  return sql`
    select start::text as start from (
      select ${start} as start, count(*) as model_days
      from model_days
      where day < ${today}::date and ${start} + ${lengthOf(unit)} <= ${today}::date::timestamp
      group by 1
      having count(*) = count(viewers)
    ) days
    where not exists (
      select from site_periods s
      where s.unit = ${unit} and s.start = days.start and s.model_days = days.model_days
    ) and not ${isRetiredPeriod(sql`days.start`, lengthOf(unit))}
    order by 1`;
}

/**
 * SQL: counts and stores a period. One statement, so one snapshot: views and viewers belong together. A view that is
 * recorded or removed meanwhile opens its day again, and finalizing that day again removes what is stored here. Models that
 * are being deleted are left out.
 */
function finalize(unit: Unit, start: string): SQL {
  const first = sql`${start}::date`;
  return sql`
    with bounds as (
      select ${first} as first, (${first} + ${lengthOf(unit)})::date as after
      where not ${isRetiredPeriod(first, lengthOf(unit))}
    ), days as materialized (
      select model_id, sum(views) as views, count(*) as rows, count(*) - count(viewers) as open
      from model_days, bounds where day >= first and day < after group by 1
    ), views as materialized (
      select model_id, viewer_identifier from model_views, bounds
      where viewed_at >= first::timestamp at time zone 'utc' and viewed_at < after::timestamp at time zone 'utc'
        and not is_bot
      group by 1, 2
    ), live as materialized (
      select id from models where ${unit}::text <> 'day' and id in (select model_id from days where open = 0)
      order by id for key share skip locked
    ), of_models as (
      insert into model_periods (model_id, unit, start, views, viewers)
      select model_id, ${unit}::text, ${first}, d.views, v.viewers
      from live join days d on d.model_id = live.id
      join (select model_id, count(*) as viewers from views group by 1) v using (model_id)
      order by model_id
      on conflict (model_id, unit, start) do update set views = excluded.views, viewers = excluded.viewers
    )
    insert into site_periods (unit, start, views, viewers, model_days)
    select ${unit}::text, ${first}, d.views,
      (select count(*) from (select from views group by viewer_identifier) v), d.rows
    from (select sum(views) as views, sum(rows) as rows, sum(open) as open from days) d where open = 0
    on conflict (unit, start) do update set
      views = excluded.views, viewers = excluded.viewers, model_days = excluded.model_days`;
}
