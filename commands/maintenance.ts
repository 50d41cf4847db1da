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
import { auditedCommand } from "./audited-command.ts";
import { databaseSettings } from "./settings.ts";
import { withDatabase } from "./with-database.ts";

const names = Object.keys(MAINTENANCE_TASKS) as MaintenanceTaskName[];
/** Former names of tasks. */
const ALIASES: ReadonlyMap<string, MaintenanceTaskName> = new Map([
  ["seal-viewers", "finalize-viewers"],
  ["take-back", "redrive"],
]);

const help = `
npm run maintenance -- TASK

Does by hand what the worker does by itself, and says what it did. Safe to repeat, and beside a running worker.

${names.map((name) => `  ${name.padEnd(15)} ${MAINTENANCE_TASKS[name].about}`).join("\n")}

Uses DATABASE_URL, else the local PostgreSQL in DATA_DIR. What deletes needs a clock that agrees with PostgreSQL's within two
minutes, and the settings that say what is kept (RETENTION_DAYS, or UNKNOWN_MODEL_VIEWS_MAX and UNKNOWN_MODEL_DAYS), the
same as the worker has.`;

const settingsSchema = databaseSettings.extend({
  RETENTION_DAYS: retentionDaysSchema,
  UNKNOWN_MODEL_VIEWS_MAX: unknownModelViewsSchema,
  UNKNOWN_MODEL_DAYS: unknownModelDaysSchema,
});

/** By hand nothing is deleted because of a default: the worker may have another setting. */
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
