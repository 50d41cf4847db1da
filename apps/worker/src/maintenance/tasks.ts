import type { MaintenanceTaskName } from "@model-views/db/maintenance/tasks.ts";
import { runMaintenance } from "@model-views/db/maintenance/tasks.ts";
import type { openPool } from "@model-views/db/postgres/pool.ts";
import type { UnknownModelLimits } from "@model-views/db/rejected/trim-unknown.ts";
import type { MaintenanceTask, MaintenanceTimes } from "./schedule.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Long tasks run at night (UTC), one after the other. */
const TIMES: Record<MaintenanceTaskName | "rewrite-aof", MaintenanceTimes> = {
  redrive: { everyMs: 10_000, atFirst: true },
  partitions: { everyMs: 6 * HOUR_MS, offsetMs: 7 * MINUTE_MS },
  "finalize-viewers": { everyMs: 10 * MINUTE_MS, atFirst: true },
  "finalize-hours": { everyMs: 10 * MINUTE_MS, offsetMs: MINUTE_MS, atFirst: true },
  retention: { everyMs: DAY_MS, offsetMs: 3 * HOUR_MS + 17 * MINUTE_MS },
  "trim-unknown": { everyMs: MINUTE_MS },
  "forget-jobs": { everyMs: HOUR_MS, offsetMs: 23 * MINUTE_MS },
  "purge-rejected": { everyMs: DAY_MS, offsetMs: 3 * HOUR_MS + 47 * MINUTE_MS },
  "purge-audit": { everyMs: DAY_MS, offsetMs: 3 * HOUR_MS + 57 * MINUTE_MS },
  "rewrite-aof": { everyMs: DAY_MS, offsetMs: 4 * HOUR_MS + 17 * MINUTE_MS },
};

export type MaintenanceTasksOptions = {
  pool: ReturnType<typeof openPool>;
  retentionDays: number;
  unknownModels: UnknownModelLimits;
  /** This process's clock. Tasks that delete compare it with PostgreSQL's, and do nothing if they differ. */
  now: () => Date;
  /** Makes Redis rewrite its append-only file. */
  rewriteAof: MaintenanceTask["run"];
};

/** Every maintenance task of the database, and the one of Redis, with their times. */
export function maintenanceTasks(
  options: MaintenanceTasksOptions,
): Record<keyof typeof TIMES, MaintenanceTask> {
  const { pool, retentionDays, unknownModels, now, rewriteAof } = options;
  const ofDatabase = (name: MaintenanceTaskName): MaintenanceTask => ({
    when: TIMES[name],
    run: () => runMaintenance(pool, name, { now, retentionDays, unknownModels }),
  });
  return {
    redrive: ofDatabase("redrive"),
    partitions: ofDatabase("partitions"),
    "finalize-viewers": ofDatabase("finalize-viewers"),
    "finalize-hours": ofDatabase("finalize-hours"),
    retention: ofDatabase("retention"),
    "trim-unknown": ofDatabase("trim-unknown"),
    "purge-rejected": ofDatabase("purge-rejected"),
    "forget-jobs": ofDatabase("forget-jobs"),
    "purge-audit": ofDatabase("purge-audit"),
    "rewrite-aof": { when: TIMES["rewrite-aof"], run: rewriteAof },
  };
}
