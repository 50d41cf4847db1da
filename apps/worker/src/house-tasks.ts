import { MAINTENANCE_TASKS, type MaintenanceTaskName } from "@model-views/db/housekeeping/tasks.ts";
import type { openPool } from "@model-views/db/pool.ts";
import type { UnknownModelLimits } from "@model-views/db/rejected/trim-unknown.ts";
import type { HouseTask } from "./house.ts";

const TZ = "UTC";

/** When the house is kept: what takes long at night, one after the other. */
const TIMES: Record<MaintenanceTaskName, HouseTask["when"]> = {
  "take-back": { every: 10_000 },
  partitions: { pattern: "7 */6 * * *", tz: TZ },
  "seal-viewers": { every: 600_000 },
  retention: { pattern: "17 3 * * *", tz: TZ },
  "trim-unknown": { every: 60_000 },
  "purge-rejected": { pattern: "47 3 * * *", tz: TZ },
  "purge-audit": { pattern: "57 3 * * *", tz: TZ },
};

export type HouseTasksOptions = {
  pool: ReturnType<typeof openPool>;
  retentionDays: number;
  unknownModels: UnknownModelLimits;
  now: () => Date;
};

/** The worker's housekeeping: every maintenance task, at its times. */
export function houseTasks(options: HouseTasksOptions): Record<MaintenanceTaskName, HouseTask> {
  const { pool, retentionDays, unknownModels, now } = options;
  const names = Object.keys(TIMES) as MaintenanceTaskName[];
  const tasks = names.map((name): [MaintenanceTaskName, HouseTask] => [
    name,
    {
      when: TIMES[name],
      run: () => MAINTENANCE_TASKS[name].run(pool, { now: now(), retentionDays, unknownModels }),
    },
  ]);
  return Object.fromEntries(tasks) as Record<MaintenanceTaskName, HouseTask>;
}
