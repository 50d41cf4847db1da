import {
  MAINTENANCE_TASKS,
  type MaintenanceTaskName,
  runMaintenance,
} from "@model-views/db/maintenance/tasks.ts";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import {
  parseConfig,
  retentionDaysSchema,
  unknownModelDaysSchema,
  unknownModelViewsSchema,
} from "@model-views/shared/runtime/config.ts";
import { runCommand, UsageError } from "@model-views/shared/runtime/run-command.ts";
import type { z } from "zod";
import { auditedCommand } from "../shared/audited-command.ts";
import { databaseSettings } from "../shared/settings.ts";
import { withDatabase } from "../shared/with-database.ts";

const names = Object.keys(MAINTENANCE_TASKS) as MaintenanceTaskName[];
const nameWidth = Math.max(...names.map((name) => name.length));
/** Former names of tasks, which stay as aliases. */
const ALIASES: ReadonlyMap<string, MaintenanceTaskName> = new Map([
  ["seal-viewers", "finalize-viewers"],
  ["take-back", "redrive"],
]);

const help = `
npm run maintenance -- TASK

Runs a maintenance task, as the worker does on its schedule, and prints what it did. Safe to repeat, also while a worker runs.

${names.map((name) => `  ${name.padEnd(nameWidth)}  ${MAINTENANCE_TASKS[name].about}`).join("\n")}

Uses DATABASE_URL, else the local PostgreSQL in DATA_DIR. Tasks that delete need a clock that agrees with PostgreSQL's within
two minutes, and the worker's settings for what is kept: RETENTION_DAYS, or UNKNOWN_MODEL_VIEWS_MAX and UNKNOWN_MODEL_DAYS.`;

const settingsSchema = databaseSettings.extend({
  RETENTION_DAYS: retentionDaysSchema,
  UNKNOWN_MODEL_VIEWS_MAX: unknownModelViewsSchema,
  UNKNOWN_MODEL_DAYS: unknownModelDaysSchema,
});

/** This command deletes nothing because of a default: the worker may have another setting. */
const retentionSchema = settingsSchema.extend({ RETENTION_DAYS: retentionDaysSchema.unwrap() });
const DELETING: Partial<Record<MaintenanceTaskName, z.ZodType<z.infer<typeof settingsSchema>>>> = {
  retention: retentionSchema,
  "purge-rejected": retentionSchema,
  "trim-unknown": settingsSchema.extend({
    UNKNOWN_MODEL_VIEWS_MAX: unknownModelViewsSchema.unwrap(),
    UNKNOWN_MODEL_DAYS: unknownModelDaysSchema.unwrap(),
  }),
};

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const [name, ...others] = args;
    const task = names.find((each) => each === name) ?? ALIASES.get(name ?? "");
    if (task === undefined || others.length > 0) throw new UsageError(`give one task: ${names.join(", ")}`);
    const settings = parseConfig(DELETING[task] ?? settingsSchema, process.env);
    const {
      RETENTION_DAYS: retentionDays,
      UNKNOWN_MODEL_VIEWS_MAX: viewsMax,
      UNKNOWN_MODEL_DAYS: days,
    } = settings;
    const options = { now: () => new Date(), retentionDays, unknownModels: { viewsMax, days } };
    const did = await withDatabase(settings, "model-views maintenance", (db) =>
      auditedCommand(
        db,
        `maintenance ${task}`,
        () => runMaintenance(db.$client, task, options),
        (done) => done ?? "nothing to do",
      ),
    );
    process.stdout.write(`${task}: ${did ?? "nothing to do"}\n`);
  },
});
