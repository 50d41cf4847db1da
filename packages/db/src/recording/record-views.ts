import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { Pool } from "pg";
import { withDayText } from "../audiences/reporting-days.ts";
import { type AccountedJob, accounted, jobParameters } from "./account-jobs.ts";
import { countedWithScores, mergedScores, ofEachScore } from "./hot-score.ts";
import { VIEW_COLUMNS } from "./view-columns.ts";

/** What became of a batch: `inserted + duplicates + rejected + unkept + erased` is its length. */
export type RecordedViews = {
  /** Stored now, and counted in every rollup. */
  inserted: number;
  /** Stored or rejected before; nothing changed. */
  duplicates: number;
  /** Put into `rejected_views` now: their model does not exist, or retention has removed views of their month. */
  rejected: number;
  /** Views of models that do not exist, beyond what is kept: counted in `unkept_views`, and stored nowhere. */
  unkept: number;
  /** Views of erased viewers from before the erasure: stored nowhere. */
  erased: number;
};

/** How many views of models that do not exist one call may keep in `rejected_views`. */
export type UnknownModelCapacity = {
  views: number;
  /** How many of these may be of bots and suspects: most of those come from strangers. */
  bots: number;
};

/** For redriving what was kept before. */
const NO_LIMIT = 2_147_483_647;

const columnNames = VIEW_COLUMNS.map(({ column }) => column).join(", ");
/** Parameters after those of the columns. */
const CAPACITY = `$${VIEW_COLUMNS.length + 1}::int`;
const BOTS_CAPACITY = `$${VIEW_COLUMNS.length + 2}::int`;
const JOBS = `unnest($${VIEW_COLUMNS.length + 3}::uuid[], $${VIEW_COLUMNS.length + 4}::int[]) as j(id, views)`;

/**
 * The whole recording, in one statement: all of it happens or nothing, and every rollup is made from the rows that
 * the insert returned, so a view that was there already adds nothing anywhere. Fixed text, so it is prepared once for each
 * connection.
 *
 * - `live` locks the batch's models, so that one deleted meanwhile cannot fail the batch with 23503. A model that is being
 *   deleted counts as gone: a deletion may take minutes, and views of other models must not wait for it. Should the model
 *   stay after all, its views are redriven. So views of a model that a plain read still finds are kept past every limit;
 *   only views past the limits are looked up so.
 * - Every write is ordered by key, and the tables come in the same order each time, so that two batches at once
 *   wait for each other instead of locking each other out.
 * - Views of bots are stored and in no rollup.
 * - `open_model_id` is null for a view of a retired month. Such a view could have been counted and removed before, so it is
 *   rejected; also when its model does not exist, because it cannot be stored once the model is created.
 * - A view of an erased viewer is neither stored nor rejected: both would keep the identifier. Only the viewer of a view that
 *   is not later than every erasure is hashed: hashing each would cost a twentieth of the speed.
 * - Anyone can name models that do not exist, so only so many of their views are kept, bots last. The others are counted, in
 *   the same statement. (Scalar subqueries look for rows that are there already: PostgreSQL does not turn them into a join,
 *   which could read the whole table.)
 * - A prepared statement locks all its tables before it takes its snapshot, so a recording that waited for retention or an
 *   erasure sees what they did.
 * - A late view opens its hour again: `model_hours` is filled by maintenance, which locks `finalized_hours`
 *   against this statement for a moment, when it begins to count an hour.
 * - The reporting zone changes under a lock of `model_days`, which this statement takes before its snapshot as well.
 * - `viewers` of a day becomes null: they are counted when the day is over, and again after another view of it.
 * - `new_jobs` and what follows count the views of jobs that were not recorded before.
 * - `xmax = 0` distinguishes a row that was inserted from one that was updated.
 */
const RECORD_VIEWS = `
with given as (
  select g.*, case when g.viewed_at < (select (max(month) + interval '1 month') at time zone 'utc' from retired_months)
      and exists (select from retired_months where month = date_trunc('month', g.viewed_at at time zone 'utc')::date)
    then null else g.model_id end as open_model_id
  from unnest(${VIEW_COLUMNS.map(({ type }, i) => `$${i + 1}::${type}[]`).join(", ")}) as g(${columnNames})
  where not exists (
    select from erased_viewers where until >= g.viewed_at and viewer_hash =
      case when g.viewed_at <= (select max(until) from erased_viewers)
        then sha256(convert_to(g.viewer_identifier, 'UTF8')) end
  )
), live as (
  select id from models where id = any($2::uuid[]) order by id for key share skip locked
), fresh_views as (
  insert into model_views (${columnNames})
  select ${VIEW_COLUMNS.map(({ column }) => `g.${column}`).join(", ")}
  from given g join live on live.id = g.open_model_id
  order by g.model_id, g.viewed_at, g.id
  on conflict do nothing
  returning model_id, viewer_identifier, viewed_at, is_bot
), counted as (
  select model_id, viewer_identifier, viewed_at from fresh_views where not is_bot
), viewers as (
  insert into model_viewers as v (model_id, viewer_identifier, views, first_viewed_at, last_viewed_at)
  select model_id, viewer_identifier, count(*), min(viewed_at), max(viewed_at)
  from counted group by 1, 2 order by 1, 2
  on conflict (model_id, viewer_identifier) do update set
    views = v.views + excluded.views,
    first_viewed_at = least(v.first_viewed_at, excluded.first_viewed_at),
    last_viewed_at = greatest(v.last_viewed_at, excluded.last_viewed_at)
  returning model_id, (xmax = 0) as is_new
), totals as (
  insert into model_totals as t (model_id, total_views, unique_viewers, last_viewed_at, ${ofEachScore(({ column }) => column)})
  select c.model_id, c.views, n.viewers, c.last_viewed_at, ${ofEachScore(({ column }) => `c.${column}`)}
  from (${countedWithScores("counted")}) c
  join (select model_id, count(*) filter (where is_new) as viewers from viewers group by 1) n using (model_id)
  order by 1
  on conflict (model_id) do update set
    total_views = t.total_views + excluded.total_views,
    unique_viewers = t.unique_viewers + excluded.unique_viewers,
    last_viewed_at = greatest(t.last_viewed_at, excluded.last_viewed_at),
    ${ofEachScore(({ column }) => `${column} = ${mergedScores(`t.${column}`, `excluded.${column}`)}`)}
), opened_hours as (
  delete from finalized_hours f using (
    select hour from finalized_hours where hour in (
      select date_trunc('hour', viewed_at, 'UTC') from counted
      where viewed_at < (select max(hour) + interval '1 hour' from finalized_hours)
    ) order by 1 for update
  ) late where f.hour = late.hour
), days as (
  insert into model_days as d (model_id, day, views)
  select model_id, day, count(*) from (${withDayText("(select model_id, viewed_at from counted)")}) v group by 1, 2 order by 1, 2
  on conflict (model_id, day) do update set views = d.views + excluded.views, viewers = null
), unstored as (
  select g.*, row_number() over (partition by g.open_model_id is null order by g.is_bot, g.model_id, g.viewed_at, g.id) as nth
  from given g where g.open_model_id is null or g.model_id not in (select id from live)
), decided as (
  select *, open_model_id is null or (nth <= ${CAPACITY} and (not is_bot or nth <= ${BOTS_CAPACITY}))
    or (select m.id from models m where m.id = unstored.model_id) is not null as is_kept from unstored
), rejected as (
  insert into rejected_views (model_id, viewed_at, id, viewer_identifier, reason, payload)
  select g.model_id, g.viewed_at, g.id, g.viewer_identifier,
    case when g.open_model_id is null then 'past_retention' else 'unknown_model' end,
    json_strip_nulls(json_build_object(${VIEW_COLUMNS.filter(({ field }) => field !== "ipAddress")
      .map(({ column, type, field }) => `'${field}', ${asPayload(`g.${column}`, type)}`)
      .join(", ")}))
  from decided g where is_kept
  order by 1, 2, 3
  on conflict do nothing
  returning 1
), left_out as (
  select count(*) as views from decided g where not is_kept and (
    select r.id from rejected_views r where r.model_id = g.model_id and r.viewed_at = g.viewed_at and r.id = g.id
  ) is null
), unkept as (
  insert into unkept_views as u (reason, day, views)
  select 'unknown_model', (now() at time zone 'utc')::date, views from left_out where views > 0
  on conflict (reason, day) do update set views = u.views + excluded.views
  returning 1
), outcome as (
  select (select count(*)::int from fresh_views) as inserted, (select count(*)::int from rejected) as rejected,
    coalesce((select views::int from left_out where exists (select from unkept)), 0) as unkept,
    cardinality($1) - (select count(*)::int from given) as erased
), ${accounted({ jobs: JOBS, outcome: "outcome" })}
select inserted, rejected, unkept, erased from outcome`;

/** A value as in the queue's payload: no `false`, and times in the format of `viewEventSchema`. */
function asPayload(value: string, type: string): string {
  if (type === "boolean") return `nullif(${value}, false)`;
  if (type === "timestamptz") return `to_char(${value} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  return value;
}

/**
 * Stores views and updates every rollup, each view once however often it is given, also by several workers at
 * once. Views of models that do not exist go to `rejected_views` as `unknown_model`, those of retired months as
 * `past_retention`, both without their address.
 *
 * @param pool or one connection, inside a transaction.
 * @param views up to a few thousand; each valid by `viewEventSchema`.
 * @param capacity how many views of models that do not exist may be kept; by default all. Those of models that are being deleted
 * are always kept.
 * @param jobs whose views these are, when they came from the queue: they are counted as recorded, once.
 * @throws what PostgreSQL threw; then nothing of the batch is stored.
 */
export async function recordViews(
  pool: Pick<Pool, "query">,
  views: readonly ViewEvent[],
  capacity: UnknownModelCapacity = { views: NO_LIMIT, bots: NO_LIMIT },
  jobs: readonly AccountedJob[] = [],
): Promise<RecordedViews> {
  const values = VIEW_COLUMNS.map(({ field, absent }) => views.map((view) => view[field] ?? absent));
  const { rows } = await pool.query<Omit<RecordedViews, "duplicates">>({
    name: "record-views",
    text: RECORD_VIEWS,
    values: [...values, capacity.views, capacity.bots, ...jobParameters(jobs)],
  });
  const [outcome = { inserted: 0, rejected: 0, unkept: 0, erased: 0 }] = rows;
  const { inserted, rejected, unkept, erased } = outcome;
  return { ...outcome, duplicates: views.length - inserted - rejected - unkept - erased };
}
