import type { SQL } from "drizzle-orm";
import type { Pool } from "pg";
import { asking, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";

/** Rejected views of one transaction. */
const BATCH_VIEWS = 5_000;
const STATEMENT_TIMEOUT_MS = 60_000;
/** The part of all views that may be kept which one model may have when there are too many. */
const MODEL_PART = 0.1;
/** The part of the limit that is left after trimming: the rest is free for new views. */
const LEFT_PART = 0.9;

/** How many views of models that do not exist are kept, and for how many days. */
export type UnknownModelLimits = { viewsMax: number; days: number };

/** How many rejected views of models that do not exist are kept? Reads rejected_views_unknown_idx. */
export async function countUnknown(pool: Pick<Pool, "query">): Promise<number> {
  const { rows } = await asking(pool)<{ count: number }>(
    "select count(*)::int as count from rejected_views where reason = 'unknown_model'",
  );
  return rows[0]?.count ?? 0;
}

/**
 * Deletes rejected views of models that do not exist: those that are older than `days`, and where there are more than
 * `viewsMax`, first the oldest of the models that have a tenth of that or more each, then the oldest of all. Views whose
 * model exists by now stay, and are redriven. Every deleted view is counted in `unkept_views`. Safe to run again, and by
 * several processes at once.
 */
export async function trimUnknown(
  pool: Pool,
  { viewsMax, days }: UnknownModelLimits,
): Promise<{ tooOld: number; tooMany: number }> {
  const tooOld = await trimAll(pool, olderThan(days));
  let tooMany = 0;
  if ((await countUnknown(pool)) > viewsMax) {
    tooMany += await trimAll(pool, ofModelsWithMoreThan(Math.floor(viewsMax * MODEL_PART)));
  }
  const left = await countUnknown(pool);
  if (left > viewsMax) {
    for (let over = left - Math.floor(viewsMax * LEFT_PART); over > 0; ) {
      const gone = await trimBatch(pool, oldest(Math.min(over, BATCH_VIEWS)));
      if (gone === 0) break;
      tooMany += gone;
      over -= gone;
    }
  }
  return { tooOld, tooMany };
}

/**
 * SQL: the model does not exist. (Views of one that exists by now wait to be redriven.) A scalar subquery, because a join
 * could read all models.
 */
const HAS_NO_MODEL = sql`(select m.id from models m where m.id = r.model_id) is null`;

/** SQL: some of the rows that were rejected more days ago than this, by PostgreSQL's clock. Reads rejected_views_rejected_at_idx. */
function olderThan(days: number): SQL {
  return sql`r.reason = 'unknown_model' and r.rejected_at < now() - make_interval(days => ${days})
    and ${HAS_NO_MODEL} order by r.rejected_at limit ${BATCH_VIEWS}`;
}

/** SQL: some of the rows past the newest `max` of each model. */
function ofModelsWithMoreThan(max: number): SQL {
  return sql`r.reason = 'unknown_model' and (r.model_id, r.viewed_at, r.id) in (
    select model_id, viewed_at, id from (
      select model_id, viewed_at, id,
        row_number() over (partition by model_id order by rejected_at desc, viewed_at, id) as nth
      from rejected_views where reason = 'unknown_model' and model_id in (
        select r.model_id from rejected_views r where r.reason = 'unknown_model'
        group by 1 having count(*) > ${max} and ${HAS_NO_MODEL}
      )
    ) each where nth > ${max} limit ${BATCH_VIEWS}
  )`;
}

/** SQL: the oldest rows of all. */
function oldest(count: number): SQL {
  return sql`r.reason = 'unknown_model' and ${HAS_NO_MODEL} order by r.rejected_at limit ${count}`;
}

async function trimAll(pool: Pool, condition: SQL): Promise<number> {
  let gone = 0;
  for (let deleted = BATCH_VIEWS; deleted === BATCH_VIEWS; gone += deleted) {
    deleted = await trimBatch(pool, condition);
  }
  return gone;
}

/**
 * Deletes the rows `r` of this condition, and counts them in the same statement. Rows that a redrive has locked stay.
 *
 * @returns how many were deleted.
 */
function trimBatch(pool: Pool, condition: SQL): Promise<number> {
  return inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
    const { rows } = await ask<{ gone: number }>(sql`
      with found as materialized (
        select r.model_id, r.viewed_at, r.id from rejected_views r where ${condition} for update skip locked
      ), gone as (
        delete from rejected_views r using found
        where (r.model_id, r.viewed_at, r.id) = (found.model_id, found.viewed_at, found.id) returning 1
      ), counted as (
        insert into unkept_views as u (reason, day, views)
        select 'unknown_model', (now() at time zone 'utc')::date, count(*) from gone having count(*) > 0
        on conflict (reason, day) do update set views = u.views + excluded.views
      )
      select count(*)::int as gone from gone`);
    return rows[0]?.gone ?? 0;
  });
}
