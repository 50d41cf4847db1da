import type { Pool } from "pg";
import { dayOf, OPEN_DAYS } from "../audiences/reporting-days.ts";
import { isRetired } from "../audiences/retired-months.ts";
import { sql } from "../postgres/sql.ts";
import { inTransaction } from "../postgres/transaction.ts";
import { finalizeModelDays } from "./finalize-model-days.ts";
import { finalizeMonth, monthsToFinalize } from "./finalize-months.ts";
import { FINALIZE_OPTIONS, MANY_VIEWS, type ManyViews } from "./finalize-options.ts";
import { finalizeSiteDay } from "./finalize-site-days.ts";

/** Milliseconds after a day's end until its viewers are counted: most late views have come by then. */
const SETTLED_MS = 10 * 60_000;

export type FinalizedViewers = {
  /** Days of models. */
  modelDays: number;
  /** Days of the whole site. */
  siteDays: number;
  /** Months of the site, and of every model. */
  months: number;
};

export type FinalizeOptions = {
  now: Date;
  /** Called with each day and month that is finalized. */
  onProgress?: (what: string) => void;
  /** Views of a day, and of a month, from which on a model's values are stored. */
  manyViews?: ManyViews;
};

/**
 * Stores who viewed on each day and in each month (of the reporting time zone) that is over, so that no question has to read its views again.
 * Nothing is lost when this never runs: what is open, questions count from the views.
 *
 * A transaction that adds or removes a view opens the day of that model again (`viewers` becomes null), and with it the day
 * and month of the site; the next run finalizes them. Views of removed months do not change. Safe to run again, beside the
 * recording, and by several processes at once.
 */
export async function finalizeViewers(
  pool: Pool,
  { now, onProgress = () => {}, manyViews = MANY_VIEWS }: FinalizeOptions,
): Promise<FinalizedViewers> {
  const today = await dayAt(pool, new Date(now.getTime() - SETTLED_MS));
  const finalized: FinalizedViewers = { modelDays: 0, siteDays: 0, months: 0 };
  for (const day of await openDays(pool, today)) {
    finalized.modelDays += await finalizeModelDays(pool, { day, manyViews });
    if (await finalizeSiteDay(pool, day)) finalized.siteDays += 1;
    onProgress(day);
  }
  for (const month of await monthsToFinalize(pool, today)) {
    if (await finalizeMonth(pool, { month, manyViews })) finalized.months += 1;
    onProgress(`month of ${month}`);
  }
  return finalized;
}

async function dayAt(pool: Pool, instant: Date): Promise<string> {
  const { rows } = await inTransaction(pool, FINALIZE_OPTIONS, (ask) =>
    ask<{ day: string }>(sql`select ${dayOf(sql`${instant}::timestamptz`)}::text as day`),
  );
  return rows[0]?.day ?? "";
}

/**
 * Which days before this one can be finalized? Those that are open, but for days of which retention has removed views while
 * their audience was not known. Reads model_days_unsealed_idx and changed_days.
 */
async function openDays(pool: Pool, today: string): Promise<string[]> {
  const { rows } = await inTransaction(pool, FINALIZE_OPTIONS, (ask) =>
    ask<{ day: string }>(
      sql`
        select day::text as day from (${OPEN_DAYS}) open
        where day < ${today}::date and not (${isRetired(sql`day`)} and exists (
          select from model_days d where d.day = open.day and (viewers is null or audience is null)
        ))
        order by 1`,
    ),
  );
  return rows.map(({ day }) => day);
}
