import { runMaintenance } from "@model-views/db/housekeeping/run-maintenance.ts";
import { MAINTENANCE_TASKS, type MaintenanceTaskName } from "@model-views/db/housekeeping/tasks.ts";
import { parseConfig, retentionDaysSchema } from "@model-views/shared/config.ts";
import { runCommand, UsageError } from "@model-views/shared/run-command.ts";
import { databaseSettings } from "./settings.ts";
import { withDatabase } from "./with-database.ts";

const names = Object.keys(MAINTENANCE_TASKS) as MaintenanceTaskName[];

const help = `
npm run maintain -- TASK

Does by hand what the worker does by itself, and says what it did. Safe to repeat, and beside a running worker.

${names.map((name) => `  ${name.padEnd(15)} ${MAINTENANCE_TASKS[name].about}`).join("\n")}

Uses DATABASE_URL, else the local PostgreSQL in DATA_DIR. What deletes needs RETENTION_DAYS, the same as the worker has, and a
clock that agrees with PostgreSQL's within two minutes.`;

const settingsSchema = databaseSettings.extend({ RETENTION_DAYS: retentionDaysSchema });

/** By hand nothing is deleted because of a default: the worker may have another setting. */
const deletingSchema = settingsSchema.extend({ RETENTION_DAYS: retentionDaysSchema.unwrap() });

await runCommand({
  help,
  async main(args) {
    const [name, ...others] = args;
    const task = names.find((each) => each === name);
    if (task === undefined || others.length > 0) throw new UsageError(`give one task: ${names.join(", ")}`);
    const { deletes } = MAINTENANCE_TASKS[task];
    const settings = parseConfig(deletes ? deletingSchema : settingsSchema, process.env);
    const did = await withDatabase(settings, "model-views maintain", ({ $client: pool }) =>
      runMaintenance(pool, task, { now: () => new Date(), retentionDays: settings.RETENTION_DAYS }),
    );
    process.stdout.write(`${task}: ${did ?? "nothing to do"}\n`);
  },
});
