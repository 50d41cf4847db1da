import { failureOf } from "@model-views/db/postgres/failure.ts";
import type { RecordedViews } from "@model-views/db/recording/record-views.ts";
import type { Refusal } from "@model-views/db/rejected/reject-view.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

export type RecordEachDeps = {
  /** Stores all of them or none. */
  record: (views: readonly ViewEvent[]) => Promise<RecordedViews>;
  /** Keeps a view that PostgreSQL refuses, with the reason; resolves with how many it kept. */
  reject: (view: ViewEvent, why: Refusal) => Promise<number>;
};

/**
 * Records views of which PostgreSQL may refuse some. A batch that it refuses because of what is in it is halved until
 * each bad view stands alone; that one is rejected, and all the others are stored. One bad view in 1,000 takes some
 * 20 statements, once. A view that stands alone is tried twice: while a partition is made, PostgreSQL refuses a good view
 * that was on its way to another (23514).
 *
 * @throws any failure that is not the views' own; a part of them may be stored then, and counts as duplicates when the
 * batch is tried again.
 */
export async function recordEach(
  views: readonly ViewEvent[],
  deps: RecordEachDeps,
  tries = 1,
): Promise<RecordedViews> {
  try {
    return await deps.record(views);
  } catch (error) {
    const { kind, sqlstate, message } = failureOf(error);
    const [view, ...others] = views;
    if (kind !== "data" || sqlstate === undefined || view === undefined) throw error;
    if (others.length === 0) {
      if (tries === 1) return await recordEach(views, deps, 2);
      const rejected = await deps.reject(view, { sqlstate, message });
      return { inserted: 0, duplicates: 1 - rejected, rejected, unkept: 0, erased: 0 };
    }
    const half = Math.ceil(views.length / 2);
    return sum(await recordEach(views.slice(0, half), deps), await recordEach(views.slice(half), deps));
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
