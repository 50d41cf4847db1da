import type { Pool } from "pg";
import { dayOf } from "../audiences/reporting-days.ts";
import { isRetiredAt } from "../audiences/retired-months.ts";
import { waitForLock } from "../postgres/advisory-locks.ts";
import { isNotLocked, type Patience } from "../postgres/brief-locks.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { finalizeHour } from "./finalize-hour.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Milliseconds after an hour's end until it is finalized: most late views have come by then. */
const SETTLED_MS = 10 * MINUTE_MS;

/** Hours that are kept: a day more than the longest half-life of `hot`. */
const HOURS_KEPT = 8 * 24;

/** Milliseconds that a statement may take. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Rows that are deleted in one transaction. */
const BATCH_ROWS = 10_000;

export type FinalizedHours = {
  hours: number;
  /** A table or a model was locked, or a view came meanwhile, so the next run does the rest. */
  isPostponed: boolean;
};

/**
 * Stores views and viewers of every hour of the last days that is over, and deletes older hours. Nothing is lost when this never
 * runs: for hours that are not finalized, questions read the views.
 *
 * A transaction that adds or removes a view takes the view's hour out of `finalized_hours`, and the next run counts it again.
 * Safe to run again, beside the recording, and by several processes at once.
 */
export async function finalizeHours(
  pool: Pool,
  { now, patience }: { now: Date; patience?: Patience },
): Promise<FinalizedHours> {
  const end = new Date(Math.floor((now.getTime() - SETTLED_MS) / HOUR_MS) * HOUR_MS);
  const start = new Date(end.getTime() - HOURS_KEPT * HOUR_MS);
  const options = { statementTimeoutMs: STATEMENT_TIMEOUT_MS };
  const finalized: FinalizedHours = { hours: 0, isPostponed: false };
  const postponeIfLocked = (error: unknown) => {
    if (!isNotLocked(error)) throw error;
    finalized.isPostponed = true;
  };
  const finalizeEach = async () => {
    for (const hour of await inTransaction(pool, options, (ask) => openHours(ask, { start, end }))) {
      if (await finalizeHour(pool, hour, patience)) finalized.hours += 1;
      else finalized.isPostponed = true;
    }
  };
  await finalizeEach().catch(postponeIfLocked);
  await deleteBefore(pool, start).catch(postponeIfLocked);
  return finalized;
}

/** Which hours can be finalized? Those of a day without any view are left out, unless they have outdated counts: they cost questions nothing. */
async function openHours(ask: Ask, { start, end }: { start: Date; end: Date }): Promise<Date[]> {
  const { rows } = await ask<{ hour: Date }>(sql`
    select hour from generate_series(${start}::timestamptz, ${end}::timestamptz - interval '1 hour', interval '1 hour') hour
    where (
        not exists (select from finalized_hours f where f.hour = hour.hour and is_complete)
        or exists (select from changed_hours c where c.hour = hour.hour)
      ) and (
        (array[${dayOf(sql`hour`)}, ${dayOf(sql`hour + interval '59 minutes'`)}] && array(
          select distinct day from model_days
          where day between ${dayOf(sql`${start}::timestamptz`)} and ${dayOf(sql`${end}::timestamptz`)}
        )) or exists (select from model_hours h where h.hour = hour.hour)
        or exists (select from changed_hours c where c.hour = hour.hour)
      ) and not ${isRetiredAt(sql`hour`)}
    order by 1`);
  return rows.map(({ hour }) => hour);
}

/** Rows of models that are being deleted are left to a later run. Reads model_hours_hour_idx. */
async function deleteBefore(pool: Pool, start: Date): Promise<void> {
  const alone = <Result>(work: (ask: Ask) => Promise<Result>) =>
    inTransaction(pool, { statementTimeoutMs: STATEMENT_TIMEOUT_MS }, async (ask) => {
      await waitForLock(ask, "finalize");
      return work(ask);
    });
  await alone(async (ask) => {
    await ask(sql`
      delete from finalized_hours f using (
        select hour from finalized_hours where hour < ${start} order by 1 for update
      ) old where f.hour = old.hour`);
    await ask(sql`delete from site_hours where hour < ${start}`);
    await ask(sql`delete from site_hour_values where hour < ${start}`);
  });
  for (let deleted = BATCH_ROWS; deleted === BATCH_ROWS; ) {
    deleted = await alone(async (ask) => {
      const { rowCount } = await ask(sql`
        with old as materialized (
          select model_id, hour from model_hours where hour < ${start} limit ${BATCH_ROWS} for update skip locked
        )
        delete from model_hours h using old where (h.model_id, h.hour) = (old.model_id, old.hour)`);
      return rowCount ?? 0;
    });
  }
  // Also what the deletion above has noted.
  await alone((ask) => ask(sql`delete from changed_hours where hour < ${start}`));
}
