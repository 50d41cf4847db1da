import { failureOf } from "@model-views/db/postgres/failure.ts";
import type { AccountedJob } from "@model-views/db/recording/account-jobs.ts";
import type { RecordedViews } from "@model-views/db/recording/record-views.ts";
import type { Refusal } from "@model-views/db/rejected/reject-view.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

export type RecordBisectingDeps = {
  /** Stores all of them or none, and counts these jobs as recorded. */
  record: (views: readonly ViewEvent[], jobs: readonly AccountedJob[]) => Promise<RecordedViews>;
  /** Counts jobs as recorded whose views took more than one statement. */
  account: (jobs: readonly AccountedJob[], recorded: RecordedViews) => Promise<void>;
  /** Stores a view that PostgreSQL refuses as rejected, with the reason. Resolves with how many it stored. */
  reject: (view: ViewEvent, why: Refusal) => Promise<number>;
};

/**
 * Records views of which PostgreSQL may refuse some. A batch that it refuses because of its content is halved until each
 * bad view is alone. Those are rejected, and all others are stored. One bad view in 1,000 takes about 20 statements,
 * once. A single view is tried twice: while a partition is being created, PostgreSQL refuses a good view that belongs
 * into it (23514).
 *
 * @throws any failure that is not caused by the views. Some of them may be stored then, and count as duplicates when the
 * batch is tried again.
 */
export async function recordBisecting(
  views: readonly ViewEvent[],
  jobs: readonly AccountedJob[],
  deps: RecordBisectingDeps,
): Promise<RecordedViews> {
  try {
    return await deps.record(views, jobs);
  } catch (error) {
    const recorded = await recordRefused(error, views, deps);
    if (jobs.length > 0) await deps.account(jobs, recorded);
    return recorded;
  }
}

/** @throws the error that the views were refused with, when they did not cause it. */
async function recordRefused(
  error: unknown,
  views: readonly ViewEvent[],
  deps: RecordBisectingDeps,
): Promise<RecordedViews> {
  const { kind, sqlstate } = failureOf(error);
  const [view, ...others] = views;
  if (kind !== "data" || sqlstate === undefined || view === undefined) throw error;
  if (others.length === 0) return recordOrReject(view, deps);
  const half = Math.ceil(views.length / 2);
  return sum(
    await recordBisecting(views.slice(0, half), [], deps),
    await recordBisecting(views.slice(half), [], deps),
  );
}

async function recordOrReject(view: ViewEvent, deps: RecordBisectingDeps): Promise<RecordedViews> {
  try {
    return await deps.record([view], []);
  } catch (error) {
    const { kind, sqlstate, message } = failureOf(error);
    if (kind !== "data" || sqlstate === undefined) throw error;
    const rejected = await deps.reject(view, { sqlstate, message });
    return { inserted: 0, duplicates: 1 - rejected, rejected, unkept: 0, erased: 0 };
  }
}

function sum(a: RecordedViews, b: RecordedViews): RecordedViews {
  return {
    inserted: a.inserted + b.inserted,
    duplicates: a.duplicates + b.duplicates,
    rejected: a.rejected + b.rejected,
    unkept: a.unkept + b.unkept,
    erased: a.erased + b.erased,
  };
}
