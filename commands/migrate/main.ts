import { parseArgs } from "node:util";
import { migrateAndPrint, printPlan } from "@model-views/db/migrate/command.ts";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import {
  databaseUrlSchema,
  parseConfig,
  reportingTimeZoneSchema,
} from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { databaseSettings } from "../shared/settings.ts";
import { statsUrlFor } from "../shared/stats-url.ts";
import { withDatabase } from "../shared/with-database.ts";

const help = `
npm run migrate [-- --plan]

Brings the schema DATABASE_SCHEMA (public) of DATABASE_URL up to date, makes the partitions of the months around this one,
and ends. Without DATABASE_URL it takes the local PostgreSQL in DATA_DIR, also while npm start runs. Where STATS_DATABASE_URL
names another user, makes that role and lets it read what statistics are made of. Without any views yet, days become those of
REPORTING_TIME_ZONE; later npm run reporting-zone changes them. Safe to run again, and by several processes
at once. Checks everything first, and reports every problem at once: a migration that fails leaves nothing behind. (npm start
does this by itself when it starts.)

  --plan  prints which migrations would run, their statements, and which tables they would lock; changes nothing. It tries them on
          empty tables, in a schema that it drops again`;

const settingsSchema = databaseSettings.extend({
  STATS_DATABASE_URL: databaseUrlSchema.optional(),
  REPORTING_TIME_ZONE: reportingTimeZoneSchema,
});

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const { values } = parseArgs({ args, options: { plan: { type: "boolean", default: false } } });
    const settings = parseConfig(settingsSchema, process.env);
    await withDatabase(settings, "model-views migrate", (db, databaseUrl) =>
      values.plan
        ? printPlan(db, { databaseUrl })
        : migrateAndPrint(db, {
            databaseUrl,
            statsDatabaseUrl: statsUrlFor(settings, databaseUrl),
            reportingTimeZone: settings.REPORTING_TIME_ZONE,
          }),
    );
  },
});
