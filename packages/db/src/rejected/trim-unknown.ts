import type { Pool } from "pg";
import { inTransaction } from "../postgres/transaction.ts";
import { countUnknown } from "./count-unknown.ts";

/** Rejected views of one transaction. */
const BATCH_VIEWS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** Of all that may be kept, the part that one model may have when there are too many. */
const MODEL_PART = 0.1;
/** The part that is left when there were too many: room for those that come next. */
const LEFT_PART = 0.9;

/** How many views of models that do not exist are kept, and for how many days. */
export type UnknownModelLimits = { viewsMax: number; days: number };

/** One whose model exists by now waits to be taken back. A scalar subquery, because a join could read all models. */
const HAS_NO_MODEL = "(select m.id from models m where m.id = r.model_id) is null";

/**
 * $1 is one of the three below. What is deleted is counted in the same statement; what somebody takes back or replays at the
 * moment stays.
 */
const trim = (find: string) => `
with found as materialized (
  select r.model_id, r.viewed_at, r.id from rejected_views r where ${find} for update skip locked
), gone as (
  delete from rejected_views r using found
  where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id) returning 1
), counted as (
  insert into unkept_views as u (reason, day, views)
  select 'unknown_model', (now() at time zone 'utc')::date, count(*) from gone having count(*) > 0
  on conflict (reason, day) do update set views = u.views + excluded.views
)
select count(*)::int as gone from gone`;

/** By PostgreSQL's clock. Reads rejected_views_rejected_at_idx. */
const TOO_OLD =
  trim(`r.reason = 'unknown_model' and r.rejected_at < now() - make_interval(days => $1) and ${HAS_NO_MODEL}
  order by r.rejected_at limit ${BATCH_VIEWS}`);

/** The oldest of each model that has more than $1. */
const TOO_MANY_OF_A_MODEL = trim(`r.reason = 'unknown_model' and (r.model_id, r.viewed_at, r.id) in (
    select model_id, viewed_at, id from (
      select model_id, viewed_at, id, row_number() over (partition by model_id order by rejected_at desc, viewed_at, id) as nth
      from rejected_views where reason = 'unknown_model' and model_id in (
        select r.model_id from rejected_views r where r.reason = 'unknown_model' group by 1 having count(*) > $1 and ${HAS_NO_MODEL}
      )
    ) each where nth > $1 limit ${BATCH_VIEWS}
  )`);

/** The oldest $1. */
const OLDEST = trim(`r.reason = 'unknown_model' and ${HAS_NO_MODEL} order by r.rejected_at limit $1`);

/**
 * Deletes rejected views of models that do not exist: those that are older than `days`, and where there are more than
 * `viewsMax`, first the oldest of the models that have a tenth of that or more each, then the oldest of all. Those whose model
 * exists by now stay, and are taken back. Every one that is deleted is counted in `unkept_views`. Safe to run again, and by
 * several processes at once.
 */
export async function trimUnknown(
  pool: Pool,
  { viewsMax, days }: UnknownModelLimits,
): Promise<{ tooOld: number; tooMany: number }> {
  const tooOld = await trimAll(pool, TOO_OLD, days);
  let tooMany = 0;
  if ((await countUnknown(pool)) > viewsMax) {
    tooMany += await trimAll(pool, TOO_MANY_OF_A_MODEL, Math.floor(viewsMax * MODEL_PART));
  }
  const left = await countUnknown(pool);
  if (left > viewsMax) {
    for (let over = left - Math.floor(viewsMax * LEFT_PART); over > 0; ) {
      const gone = await trimSome(pool, OLDEST, Math.min(over, BATCH_VIEWS));
      if (gone === 0) break;
      tooMany += gone;
      over -= gone;
    }
  }
  return { tooOld, tooMany };
}

async function trimAll(pool: Pool, statement: string, value: number): Promise<number> {
  let gone = 0;
  for (let deleted = BATCH_VIEWS; deleted === BATCH_VIEWS; gone += deleted) {
    deleted = await trimSome(pool, statement, value);
  }
  return gone;
}

function trimSome(pool: Pool, statement: string, value: number): Promise<number> {
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
    const { rows } = await ask<{ gone: number }>(statement, [value]);
    return rows[0]?.gone ?? 0;
  });
}
