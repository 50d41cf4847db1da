import {
  databaseSchemaSchema,
  databaseUrlSchema,
  parseConfig,
  reportingTimeZoneSchema,
} from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import { migrateAndPrint } from "./migrate/command.ts";
import { connect } from "./postgres/connect.ts";
import { explainFailure } from "./postgres/failure.ts";

const help = `
node packages/db/src/main.ts

Does what npm run migrate does, for the image, which has neither the commands nor local servers: DATABASE_URL is needed.
DATABASE_SCHEMA, STATS_DATABASE_URL and REPORTING_TIME_ZONE are explained in .env.example.`;

const settings = z.object({
  DATABASE_URL: databaseUrlSchema,
  DATABASE_SCHEMA: databaseSchemaSchema,
  STATS_DATABASE_URL: databaseUrlSchema.optional(),
  REPORTING_TIME_ZONE: reportingTimeZoneSchema,
});

await runCommand({
  help,
  explain: explainFailure,
  async main() {
    const {
      DATABASE_URL: databaseUrl,
      DATABASE_SCHEMA: schema,
      STATS_DATABASE_URL: statsDatabaseUrl = databaseUrl,
      REPORTING_TIME_ZONE: reportingTimeZone,
    } = parseConfig(settings, process.env);
    const db = connect({
      databaseUrl,
      schema,
      applicationName: "model-views migrate",
      connectionsMax: 1,
      statementTimeoutMs: 0,
      onError: (error) => process.stderr.write(`PostgreSQL: ${error.message}\n`),
    });
    try {
      await migrateAndPrint(db, { databaseUrl, statsDatabaseUrl, reportingTimeZone });
    } finally {
      await db.$client.end();
    }
  },
});
