import type { Pool } from "pg";
import { waitForMaintenance } from "../maintenance/maintenance-lock.ts";
import { type Patience, withBriefLocks } from "../postgres/brief-locks.ts";
import type { Ask } from "../postgres/transaction.ts";
import { viewerHash } from "./viewer-hash.ts";

/** Milliseconds that senders' clocks may be ahead: a view that is on its way may be so much later than now. */
const CLOCKS_AHEAD_MS = 5 * 60_000;

/** Milliseconds that each statement may take. Recording waits meanwhile. */
const STATEMENT_TIMEOUT_MS = 300_000;

export type ErasedViewer = {
  /** Views that were removed, those of bots too. */
  views: number;
  rejectedViews: number;
  /** Models that the viewer was known to have viewed. */
  models: number;
  /** Views until this time are not stored when they come later, from the queue, a spool or a sender. */
  until: Date;
};

/**
 * What is removed, and the figures that follow from it. A viewer of whom retention has removed views before stays part
 * of unique viewers, and those views part of the totals: who they were of cannot be told any more.
 */
const ERASE = `
with gone as (
  delete from model_views where viewer_identifier = $1 returning model_id, viewed_at, is_bot
), counted as (
  select model_id, viewed_at from gone where not is_bot
), raw as (
  select model_id, count(*) as views, max(viewed_at) as last_viewed_at from counted group by 1
), viewers as (
  delete from model_viewers v using model_totals t
  where v.model_id = t.model_id and v.viewer_identifier = $1 returning v.model_id, v.views
), days as (
  update model_days d set views = d.views - g.views, viewers = null
  from (select model_id, (viewed_at at time zone 'utc')::date as day, count(*) as views from counted group by 1, 2) g
  where d.model_id = g.model_id and d.day = g.day
), figures as (
  select model_id, coalesce(raw.views, 0) as views, v.views - coalesce(raw.views, 0) as forgotten_views,
    raw.last_viewed_at
  from viewers v left join raw using (model_id)
), totals as (
  update model_totals t set
    total_views = t.total_views - f.views,
    unique_viewers = t.unique_viewers - case when f.forgotten_views = 0 then 1 else 0 end,
    forgotten_viewers = t.forgotten_viewers + case when f.forgotten_views = 0 then 0 else 1 end,
    forgotten_views = t.forgotten_views + f.forgotten_views
  from figures f where t.model_id = f.model_id
  returning t.model_id, t.last_viewed_at = f.last_viewed_at as was_last
)
select (select count(*)::float8 from gone) as views,
  (select count(*)::float8 from (select model_id from gone union select model_id from viewers) m) as models,
  array(select model_id::text from totals) as changed,
  array(select model_id::text from totals where was_last) as last_gone`;

/**
 * When was the model seen last, after the view that was the last one is gone? The latest view that is left, unless the
 * last day is one of which retention has removed the views: then that day's start is all that is known.
 */
const FIND_LAST = `
update model_totals t set last_viewed_at =
  case when (last.at at time zone 'utc')::date = last.day then last.at else last.day::timestamp at time zone 'utc' end
from (
  select model_id, (select max(day) from model_days d where d.model_id = m.model_id) as day,
    greatest(
      (select max(viewed_at) from model_views r where r.model_id = m.model_id and not is_bot),
      (select max(last_viewed_at) from model_viewers v where v.model_id = m.model_id)
    ) as at
  from unnest($1::uuid[]) as m(model_id)
) last where t.model_id = last.model_id`;

/**
 * Removes everything that is stored of a viewer: views in all partitions, rejected views, and the viewer's part of every
 * rollup. What is still on its way is not stored later: the viewer's hash is kept for that, for ever. Safe to run again;
 * of a viewer whom nobody knows it removes nothing and notes the hash all the same.
 *
 * Waits for what is being recorded, and recording waits for it: 0.3 s with 10,000 views of 500 models.
 *
 * @param now the latest of the clocks that there are: by one that is behind, views that wait already would be of later.
 * @throws SQLSTATE 55P03 when a lock did not come in time.
 */
export async function eraseViewer(
  pool: Pool,
  viewerIdentifier: string,
  { now, patience }: { now: Date; patience?: Patience },
): Promise<ErasedViewer> {
  const until = new Date(now.getTime() + CLOCKS_AHEAD_MS);
  return withBriefLocks(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS, patience }, async (ask) => {
    await waitForMaintenance(ask);
    // Whatever is recorded reads this table: what began before is seen below, what begins later sees the hash.
    await ask("lock table erased_viewers in access exclusive mode");
    const { rows: noted } = await ask<{ until: Date }>(
      `insert into erased_viewers as e (viewer_hash, until) values (${viewerHash("$1")}, $2)
       on conflict (viewer_hash) do update set until = greatest(e.until, excluded.until) returning until`,
      [viewerIdentifier, until],
    );
    const { rowCount } = await ask("delete from rejected_views where viewer_identifier = $1", [
      viewerIdentifier,
    ]);
    const erased = await removeViews(ask, viewerIdentifier);
    return { ...erased, rejectedViews: rowCount ?? 0, until: noted[0]?.until ?? until };
  });
}

async function removeViews(
  ask: Ask,
  viewerIdentifier: string,
): Promise<Pick<ErasedViewer, "views" | "models">> {
  // First and in the order of recording, so that models which are deleted at the moment are waited for.
  await ask(
    `select from models where id in (
       select v.model_id from model_totals t join model_viewers v using (model_id) where v.viewer_identifier = $1
       union select model_id from model_views where viewer_identifier = $1
     ) order by id for key share`,
    [viewerIdentifier],
  );
  const { rows } = await ask<{ views: number; models: number; changed: string[]; last_gone: string[] }>(
    ERASE,
    [viewerIdentifier],
  );
  const { views = 0, models = 0, changed = [], last_gone: lastGone = [] } = rows[0] ?? {};
  await ask("delete from model_days where model_id = any($1) and views = 0", [changed]);
  await ask("delete from model_totals where model_id = any($1) and total_views = 0", [changed]);
  await ask(FIND_LAST, [lastGone]);
  return { views, models };
}
