import { finalizeHours } from "@model-views/db/maintenance/finalize-hours.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import type { Progress } from "@model-views/lab/progress.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { keepWorld, keptWorld } from "./kept-world.ts";
import { createdAt, MODELS } from "./world/models.ts";
import { viewEvent } from "./world/view-event.ts";
import { viewsBetween } from "./world/views.ts";
import { DAY_MS, type World } from "./world/world.ts";

/** Views of one statement, and how many statements run at the same time: the connections of `db` must be as many. */
const BATCH_VIEWS = 2_500;
const BATCHES_AT_ONCE = 2;
/** A month has at least this many days: for the partitions of the months before this one. */
const MONTH_DAYS_MIN = 28;
/** From so many new views on, PostgreSQL's statistics of the tables are made anew. */
const ANALYZE_VIEWS_MIN = 10_000;

export type FillOptions = {
  /** The world of a new database; a world that is there goes on as it is. */
  begin: World;
  salt: string;
  now: Date;
  progress: Progress;
  /** Ends it early. What is there by then stays, and the next call does the rest. */
  signal: AbortSignal;
};

/** What a call did. `world` is the one in the database. */
export type Filled = { world: World; views: number; isNew: boolean };

/**
 * Records the views of the world until now, those that are not there yet, by the same statement as the worker, and finalizes
 * what is over. Safe to call again after it was interrupted: a view has the same id each time, so it counts once.
 */
export async function fillWorld(
  db: Db,
  { begin, salt, now, progress, signal }: FillOptions,
): Promise<Filled> {
  const kept = await keptWorld(db);
  const { world, filledUntil } = kept ?? { world: begin, filledUntil: begin.start };
  if (kept === undefined) await makeModels(db, world);
  const daysBack = (now.getTime() - filledUntil.getTime()) / DAY_MS;
  await ensureMonthPartitions(db.$client, { now, monthsBack: Math.ceil(daysBack / MONTH_DAYS_MIN) });
  await keepWorld(db, { world, filledUntil });
  const views = await recordUntil(db, { world, filledUntil, salt, now, progress, signal });
  if (!signal.aborted) await finalize(db, { now, progress, isLarge: views >= ANALYZE_VIEWS_MIN });
  return { world, views, isNew: kept === undefined };
}

async function makeModels(db: Db, world: World): Promise<void> {
  await db.$client.query(
    `insert into models (id, name, category, created_at)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[]) on conflict do nothing`,
    [
      MODELS.map(({ id }) => id),
      MODELS.map(({ name }) => name),
      MODELS.map(({ category }) => category),
      MODELS.map((model) => createdAt(world, model)),
    ],
  );
}

type Recording = Omit<FillOptions, "begin"> & { world: World; filledUntil: Date };

/** Returns how many views were recorded. */
async function recordUntil(
  db: Db,
  { world, filledUntil, salt, now, progress, signal }: Recording,
): Promise<number> {
  const expected = (world.views * (now.getTime() - filledUntil.getTime())) / (world.days * DAY_MS);
  progress.start("views recorded", Math.round(expected));
  try {
    let done = 0;
    const rest: ViewEvent[] = [];
    for (const views of viewsBetween(world, filledUntil, now)) {
      rest.push(...views.map((view) => viewEvent(view, salt)));
      while (rest.length >= BATCH_VIEWS * BATCHES_AT_ONCE) {
        done += await record(rest.splice(0, BATCH_VIEWS * BATCHES_AT_ONCE));
        if (signal.aborted) return done;
      }
    }
    done += await record(rest);
    await keepWorld(db, { world, filledUntil: now });
    return done;

    async function record(views: readonly ViewEvent[]): Promise<number> {
      const batches = Array.from({ length: Math.ceil(views.length / BATCH_VIEWS) }, (_, nth) =>
        views.slice(nth * BATCH_VIEWS, (nth + 1) * BATCH_VIEWS),
      );
      await Promise.all(batches.map((batch) => recordViews(db.$client, batch)));
      progress.at(done + views.length);
      return views.length;
    }
  } finally {
    progress.stop();
  }
}

async function finalize(
  db: Db,
  { now, progress, isLarge }: { now: Date; progress: Progress; isLarge: boolean },
): Promise<void> {
  if (isLarge) await db.$client.query("vacuum analyze");
  progress.start("days and months finalized", undefined);
  try {
    await finalizeViewers(db.$client, { now, onProgress: progress.step });
    await finalizeHours(db.$client, { now });
  } finally {
    progress.stop();
  }
  if (isLarge) await db.$client.query("vacuum analyze");
}
