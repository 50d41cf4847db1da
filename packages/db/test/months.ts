import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { aView } from "@model-views/testing/views.ts";
import type { PoolClient } from "pg";

/** Makes the partitions from so many months before `now` on, as migrating and the worker do. */
export function makeMonths(
  db: Db,
  { now, monthsBack = 0 }: { now: Date; monthsBack?: number },
): Promise<string[]> {
  return ensureMonthPartitions(db.$client, { now, monthsBack });
}

/** How many views each partition holds, those with none left out. */
export async function viewsByPartition(db: Db): Promise<Record<string, number>> {
  const { rows } = await db.$client.query<{ partition: string; views: number }>(
    "select tableoid::regclass::text as partition, count(*)::int as views from model_views group by 1 order by 1",
  );
  return Object.fromEntries(rows.map(({ partition, views }) => [partition, views]));
}

/** How many statements of this test's database wait for a lock? */
export async function waitingForLocks(db: Db): Promise<number> {
  const { rows } = await db.$client.query<{ waiting: number }>(
    `select count(*)::int as waiting from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.waiting ?? 0;
}

/** Runs `work` while another transaction holds the locks of `hold`. It ends when `work` calls `release` or `undo`, or at the end. */
export async function whileHolding(
  db: Db,
  hold: (holder: PoolClient) => Promise<unknown>,
  work: (release: () => Promise<unknown>, undo: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const holder = await db.$client.connect();
  try {
    await holder.query("begin");
    await hold(holder);
    await work(
      () => holder.query("commit"),
      () => holder.query("rollback"),
    );
  } finally {
    await holder.query("rollback");
    holder.release();
  }
}

/**
 * Makes a row that recording of this viewer has to wait for, in the middle of its statement, until it is undone.
 * (For a model that is locked it does not wait.)
 */
export function makeViewer(holder: PoolClient, modelId: string, viewerIdentifier: string): Promise<unknown> {
  return holder.query("insert into model_viewers values ($1, $2, 1, now(), now())", [
    modelId,
    viewerIdentifier,
  ]);
}

/** Connections that record for the first time, and such that have done it so often that their plan is kept. */
export const CONNECTIONS = {
  "a new connection": async () => {},
  "a connection with a kept plan": async (db: Db, modelId: string) => {
    const recordings = Array.from({ length: 80 }, () =>
      recordViews(db.$client, [aView({ modelId, viewedAt: "2031-05-01T00:00:00.000Z" })]),
    );
    await Promise.all(recordings);
  },
};
