import type { Pool } from "pg";
import { agreedTime, databaseTime } from "../postgres/clocks.ts";
import { MAINTENANCE_TASKS, type MaintenanceOptions, type MaintenanceTaskName } from "./tasks.ts";

export type RunMaintenanceOptions = Omit<MaintenanceOptions, "now"> & {
  /** This process's clock, which has to agree with PostgreSQL's before anything is deleted. */
  now: () => Date;
};

/**
 * Runs a task at PostgreSQL's time, and says what it did; undefined when there was nothing to do.
 *
 * @throws {ClocksDifferError} when the task deletes and this process's clock is minutes away from PostgreSQL's.
 */
export async function runMaintenance(
  pool: Pool,
  name: MaintenanceTaskName,
  { now, ...kept }: RunMaintenanceOptions,
): Promise<string | undefined> {
  const task = MAINTENANCE_TASKS[name];
  const time = task.deletes ? await agreedTime(pool, now) : await databaseTime(pool);
  return task.run(pool, { now: time, ...kept });
}
