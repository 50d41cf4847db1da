import { monthOf, startOfDay, withDay } from "../audiences/reporting-days.ts";
import { type Ask, sql } from "../postgres/sql.ts";

/** Days from the first to the last; null: without a first or a last one. */
export type AffectedDays = { firstDay: string | null; lastDay: string | null };

/** A model of these days is being deleted, which waits for our locks, so this does not wait for it. */
export class ModelLockedError extends Error {
  override name = "ModelLockedError";
}

/**
 * Makes these days anew from the views, for each model, and opens them; what was stored of who viewed on them, and in their
 * months, is deleted. Call it in a transaction that locks `model_days` against recording, and with `finalize` and `maintenance`.
 *
 * @param since when the first day begins; null: views of all time.
 * @throws {ModelLockedError}
 */
export async function countDaysAnew(
  ask: Ask,
  { firstDay, lastDay, since }: AffectedDays & { since: Date | null },
): Promise<void> {
  const [first, last] = [sql`${firstDay ?? "-infinity"}::date`, sql`${lastDay ?? "infinity"}::date`];
  const areAffected = sql`day >= ${first} and day <= ${last}`;
  await lockModels(ask);
  const end = lastDay === null ? sql`'infinity'` : startOfDay(sql`${last} + 1`);
  const { rows } = await ask<{ end: Date | null }>(
    sql`select nullif(${end}::timestamptz, 'infinity') as end`,
  );
  const views = sql`(
    select model_id, viewed_at from model_views
    where viewed_at >= ${since ?? "-infinity"} and viewed_at < ${rows[0]?.end ?? "infinity"} and not is_bot
  )`;
  await ask(sql`
    with counted as materialized (
      select model_id, day, count(*) as views from (${withDay(views)}) v group by 1, 2
    ), gone as (
      delete from model_days d
      where ${areAffected} and not exists (select from counted c where c.model_id = d.model_id and c.day = d.day)
    )
    insert into model_days as d (model_id, day, views) select model_id, day, views from counted order by 1, 2
    on conflict (model_id, day) do update set views = excluded.views, viewers = null`);
  // Of days that are gone, a trigger does the same.
  const inMonths = (month: ReturnType<typeof sql>) =>
    sql`${month} >= ${monthOf(first)} and ${month} <= ${monthOf(last)}`;
  const areTheirs = sql`model_id in (select model_id from model_days where ${areAffected})`;
  const areValues = sql`(unit = 'day' and start >= ${first} and start <= ${last} or unit = 'month' and ${inMonths(sql`start`)})`;
  await ask(sql`delete from model_months where ${areTheirs} and ${inMonths(sql`month`)}`);
  await ask(sql`delete from model_values where ${areTheirs} and ${areValues}`);
  await ask(sql`delete from site_days where ${areAffected}`);
  await ask(sql`delete from site_months where ${inMonths(sql`month`)}`);
  await ask(sql`delete from site_values where ${areValues}`);

  async function lockModels(run: Ask): Promise<void> {
    const { rows: found } = await run<{ areFree: boolean }>(sql`
      with found as materialized (
        select distinct model_id from model_days where ${areAffected}
      ), live as materialized (
        select id from models where id in (select model_id from found) order by id for key share skip locked
      )
      select (select count(*) from found) = (select count(*) from live) as "areFree"`);
    if (found[0]?.areFree !== true) throw new ModelLockedError("a model is being deleted");
  }
}
