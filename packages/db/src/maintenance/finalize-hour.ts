import type { Pool } from "pg";
import { type Audience, openAudiences } from "../audiences/audience.ts";
import { VALUES_OF_VIEW } from "../audiences/dimensions.ts";
import { isRetiredAt } from "../audiences/retired-months.ts";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { type Patience, withBriefLocks } from "../postgres/brief-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { numberViewers } from "./number-viewers.ts";
import { columnsOf, unnestValues, type ValueRow } from "./value-rows.ts";

/** Milliseconds that a statement may take. Recording does not wait for it, but an erasure does. */
const STATEMENT_TIMEOUT_MS = 300_000;

/**
 * Stores views and viewers of an hour: of each model, of the site, and of each value.
 *
 * A recording that adds a view to the hour takes it out of `finalized_hours`. So the hour is put there first, then the
 * recordings that began earlier are waited for, and only then the views are read: if the hour is still there at the end, nothing
 * was added meanwhile. Recordings wait while the hour is put there, for those that run, up to 2 s; not while it is counted.
 *
 * @returns false when a view was added meanwhile, or a model of the hour is being deleted: a later run does it.
 * @throws SQLSTATE 55P03 when running recordings did not end in time.
 */
export async function finalizeHour(pool: Pool, hour: Date, patience: Patience | undefined): Promise<boolean> {
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const newAudience = await openAudiences();
  await withBriefLocks(pool, { ...options, patience }, async (ask) => {
    // Else another process could put the hour back while this one counts, after a recording has taken it out.
    await waitForLock(ask, "finalize");
    // Waits for running recordings. Later ones wait for this, and then see the hour.
    await ask("lock table finalized_hours in share row exclusive mode");
    await ask(sql`insert into finalized_hours (hour) values (${hour}) on conflict do nothing`);
  });
  return inTransaction(pool, options, async (ask) => {
    await waitForLock(ask, "finalize");
    await waitForLock(ask, "maintenance");
    if (!(await areModelsFree(ask, hour))) {
      await ask(sql`delete from finalized_hours where hour = ${hour} and not is_complete`);
      return false;
    }
    await storeHour(ask, hour, newAudience);
    const { rowCount } = await ask(sql`
      update finalized_hours set is_complete = true
      where hour = ${hour} and not ${isRetiredAt(sql`${hour}::timestamptz`)}`);
    if (rowCount !== 1) throw new HourChangedError("a view was added to the hour");
    return true;
  }).catch((error: unknown) => {
    if (error instanceof HourChangedError) return false;
    throw error;
  });
}

/** What was counted may lack views. */
class HourChangedError extends Error {
  override name = "HourChangedError";
}

/** SQL: the condition on `model_views` that a view is of this hour and counts. */
const isInHour = (hour: Date) =>
  sql`not is_bot and viewed_at >= ${hour} and viewed_at < ${hour}::timestamptz + interval '1 hour'`;

/** Locks the hour's models against deletion; false when one is being deleted, which is not waited for. */
async function areModelsFree(ask: Ask, hour: Date): Promise<boolean> {
  const { rows } = await ask<{ isFree: boolean }>(sql`
    with found as materialized (
      select model_id from model_hours where hour = ${hour}
      union select model_id from model_views where ${isInHour(hour)}
    ), live as materialized (
      select id from models where id in (select model_id from found) order by id for key share skip locked
    )
    select (select count(*) from found) = (select count(*) from live) as "isFree"`);
  return rows[0]?.isFree === true;
}

async function storeHour(ask: Ask, hour: Date, newAudience: () => Audience): Promise<void> {
  await ask(sql`delete from model_hours where hour = ${hour}`);
  await ask(sql`delete from site_hours where hour = ${hour}`);
  await ask(sql`delete from site_hour_values where hour = ${hour}`);
  // Before the views are read: a model that is deleted after this statement notes its hours again.
  await ask(sql`delete from changed_hours where hour = ${hour}`);
  await numberViewers(ask, isInHour(hour));
  const { rows } = await ask<{ id: string; views: number; numbers: Buffer }>(sql`
    select model_id as id, sum(views)::float8 as views, string_agg(int4send(viewer_number), '') as numbers
    from (
      select model_id, viewer_identifier, count(*) as views from model_views where ${isInHour(hour)} group by 1, 2
    ) v join viewer_numbers using (viewer_identifier) group by 1 order by 1`);
  if (rows.length === 0) return;
  using site = newAudience();
  const { views, viewers, audiences } = await columnsOf(rows, newAudience, site);
  await ask(sql`
    insert into model_hours (model_id, hour, views, viewers, audience)
    select id, ${hour}, views, viewers, audience
    from unnest(${sql.param(rows.map(({ id }) => id))}::uuid[], ${views}, ${viewers}, ${audiences})
      m(id, views, viewers, audience)`);
  const sum = rows.reduce((views, row) => views + row.views, 0);
  await ask(sql`
    insert into site_hours (hour, views, viewers, audience)
    values (${hour}, ${sum}::bigint, ${site.size}::bigint, ${site.toBytes()}::bytea)`);
  const { rows: values } = await ask<ValueRow>(sql`
    select dimension, value, sum(views)::float8 as views, string_agg(int4send(viewer_number), '') as numbers
    from (
      select dimension, value, viewer_identifier, count(*) as views
      from model_views cross join lateral ${VALUES_OF_VIEW} where ${isInHour(hour)} group by 1, 2, 3
    ) v join viewer_numbers using (viewer_identifier) group by 1, 2`);
  await ask(sql`
    insert into site_hour_values (dimension, hour, value, views, viewers, audience)
    select dimension, ${hour}, value, views, viewers, audience from ${await unnestValues(values, newAudience)}`);
}
