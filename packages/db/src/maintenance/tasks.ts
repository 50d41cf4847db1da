import type { Pool } from "pg";
import { purgeAudit } from "../audit/audited.ts";
import { ensureMonthPartitions } from "../migrate/partitions.ts";
import { agreedTime, databaseTime } from "../postgres/clocks.ts";
import { failureOf } from "../postgres/failure.ts";
import { asking } from "../postgres/sql.ts";
import { forgetRecordedJobs } from "../recording/account-jobs.ts";
import { redriveNewModels } from "../rejected/redrive-new-models.ts";
import { trimUnknown, type UnknownModelLimits } from "../rejected/trim-unknown.ts";
import { zonesText } from "../reporting-zone/reporting-zone.ts";
import { dropExpiredPartitions } from "./drop-expired-partitions.ts";
import { finalizeHours } from "./finalize-hours.ts";
import { finalizeViewers } from "./finalize-viewers.ts";
import { pruneNumbers } from "./prune-numbers.ts";
import { pruneViewers } from "./prune-viewers.ts";
import { purgeRejected } from "./purge-rejected.ts";

export type MaintenanceOptions = {
  /** PostgreSQL's time; for tasks that delete, one that this process's clock agrees with. */
  now: Date;
  /** Days for which views are kept; 0: for ever. */
  retentionDays: number;
  /** How many views of models that do not exist are kept. */
  unknownModels: UnknownModelLimits;
};

/** A task that keeps the database in order: safe to run again, and by several processes at once. */
export type MaintenanceTask = {
  /** What it does, for the help. */
  about: string;
  /** Whether it deletes by age, which needs clocks that agree. */
  deletes: boolean;
  /** Returns what it did, in words; undefined when there was nothing to do. */
  run: (pool: Pool, options: MaintenanceOptions) => Promise<string | undefined>;
};

/** Every task, by the name that `npm run maintenance` takes. */
export const MAINTENANCE_TASKS = {
  partitions: {
    about: "makes the partitions of this month and the next three",
    deletes: false,
    async run(pool, { now }) {
      return inWords("made", await ensureMonthPartitions(pool, { now }));
    },
  },
  retention: {
    about: "drops the months past RETENTION_DAYS, and the viewers who were not seen since",
    deletes: true,
    async run(pool, retention) {
      const zones = await zonesText(asking(pool));
      const notCounted = await finalizeBeforeRemoval(pool, retention);
      const { months, views, postponed } = await dropExpiredPartitions(pool, { ...retention, zones });
      const pruned = await pruneViewers(pool, retention);
      await pruneNumbers(pool);
      const did = [
        notCounted,
        inWords(`removed ${views} views of`, months),
        inWords("a table was locked, or the reporting zone changes, so the next time will remove", postponed),
        pruned.viewers === 0 ? undefined : `pruned ${pruned.viewers} viewers, who stay counted`,
      ].filter((each) => each !== undefined);
      return did.length === 0 ? undefined : did.join("; ");
    },
  },
  "purge-rejected": {
    about: "deletes the rejected views that are older than RETENTION_DAYS",
    deletes: true,
    async run(pool, retention) {
      const { rejectedViews } = await purgeRejected(pool, retention);
      return rejectedViews === 0 ? undefined : `deleted ${rejectedViews} rejected views`;
    },
  },
  "trim-unknown": {
    about: "deletes, and counts, rejected views past UNKNOWN_MODEL_VIEWS_MAX and UNKNOWN_MODEL_DAYS",
    deletes: true,
    async run(pool, { unknownModels }) {
      const { tooOld, tooMany } = await trimUnknown(pool, unknownModels);
      if (tooOld + tooMany === 0) return undefined;
      return `deleted ${tooOld} rejected views of models that never came to be, and ${tooMany} of more than are kept`;
    },
  },
  "forget-jobs": {
    about: "forgets the jobs that were recorded more than a day ago; their views stay counted",
    deletes: true,
    async run(pool) {
      const { jobs } = await forgetRecordedJobs(pool);
      return jobs === 0 ? undefined : `forgot ${jobs} recorded jobs`;
    },
  },
  "purge-audit": {
    about: "deletes from audit_log what is older than 400 days",
    deletes: true,
    async run(pool) {
      const { actions } = await purgeAudit(pool);
      return actions === 0 ? undefined : `deleted ${actions} rows of audit_log`;
    },
  },
  "finalize-viewers": {
    about: "stores who viewed on each day and in each month that is over, so that statistics stay fast",
    deletes: false,
    async run(pool, { now }) {
      const { modelDays, siteDays, months } = await finalizeViewers(pool, { now });
      if (modelDays + siteDays + months === 0) return undefined;
      return `stored who viewed on ${modelDays} days of models, on ${siteDays} days of the site and in ${months} months`;
    },
  },
  "finalize-hours": {
    about: "stores views and viewers of each hour that is over, and deletes those of more than 8 days ago",
    deletes: false,
    async run(pool, { now }) {
      const { hours, isPostponed } = await finalizeHours(pool, { now });
      const did = [
        hours === 0 ? undefined : `stored views and viewers of ${hours} hours`,
        isPostponed
          ? "a table or a model was locked, or views came meanwhile, so the next time will do the rest"
          : undefined,
      ].filter((each) => each !== undefined);
      return did.length === 0 ? undefined : did.join("; ");
    },
  },
  redrive: {
    about: "stores the rejected views of models that exist by now",
    deletes: false,
    async run(pool) {
      const { taken, inserted, duplicates, rejected } = await redriveNewModels(pool);
      if (taken === 0) return undefined;
      return `redrove ${taken} rejected views: ${inserted} stored, ${duplicates} stored before, ${rejected} rejected again`;
    },
  },
} as const satisfies Record<string, MaintenanceTask>;

export type MaintenanceTaskName = keyof typeof MAINTENANCE_TASKS;

function inWords(did: string, names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `${did} ${names.join(", ")}`;
}

/**
 * Runs a task at PostgreSQL's time, and returns what it did, in words; undefined when there was nothing to do.
 *
 * @param now this process's clock.
 * @throws {ClocksDifferError} when the task deletes and this process's clock is minutes away from PostgreSQL's.
 */
export async function runMaintenance(
  pool: Pool,
  name: MaintenanceTaskName,
  { now, ...options }: Omit<MaintenanceOptions, "now"> & { now: () => Date },
): Promise<string | undefined> {
  const task = MAINTENANCE_TASKS[name];
  const time = task.deletes ? await agreedTime(pool, now) : await databaseTime(pool);
  return task.run(pool, { now: time, ...options });
}

/**
 * Counts the viewers of the days that are about to be removed. Should that fail, they are removed all the same, and their
 * viewers stay unknown.
 *
 * @returns why it failed, in words.
 */
async function finalizeBeforeRemoval(pool: Pool, retention: MaintenanceOptions): Promise<string | undefined> {
  if (retention.retentionDays === 0) return undefined;
  try {
    await finalizeViewers(pool, retention);
    return undefined;
  } catch (error) {
    return `could not count the viewers of the last days: ${failureOf(error).message}`;
  }
}
