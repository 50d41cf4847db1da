import { databaseSchemaSchema, databaseUrlSchema, parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { z } from "zod";
import { migrate } from "./migrate/migrate.ts";
import { ensureStatsRole, statsRoleOf } from "./migrate/stats-role.ts";
import { connect } from "./postgres/connect.ts";
import { explainFailure } from "./postgres/failure.ts";

const help = `
npm run migrate

Brings the schema DATABASE_SCHEMA (public) of DATABASE_URL up to date, makes the partitions of the months around this one,
and ends. Where STATS_DATABASE_URL names another user, makes that role and lets it read what statistics are made of. Safe to
run again, and by several processes at once. Checks everything first, and reports every problem at once: a migration that
fails leaves nothing behind. (npm start does this by itself.)`;

const settings = z.object({
  DATABASE_URL: databaseUrlSchema,
  DATABASE_SCHEMA: databaseSchemaSchema,
  STATS_DATABASE_URL: databaseUrlSchema.optional(),
});

await runCommand({
  help,
  explain: explainFailure,
  async main() {
    const {
      DATABASE_URL,
      DATABASE_SCHEMA,
      STATS_DATABASE_URL = DATABASE_URL,
    } = parseConfig(settings, process.env);
    const statsRole = statsRoleOf(DATABASE_URL, STATS_DATABASE_URL);
    const db = connect({
      databaseUrl: DATABASE_URL,
      schema: DATABASE_SCHEMA,
      applicationName: "model-views migrate",
      connectionsMax: 1,
      statementTimeoutMs: 0,
      onError: (error) => process.stderr.write(`PostgreSQL: ${error.message}\n`),
    });
    try {
      const { warnings } = await migrate(db, { now: new Date() });
      for (const warning of warnings) process.stdout.write(`Note: ${warning}.\n`);
      if (statsRole !== undefined) {
        const isMade = await ensureStatsRole(db.$client, statsRole);
        const did = isMade ? "was made, and" : "was there, and keeps its password, and";
        process.stdout.write(`The role ${statsRole.name} ${did} may read what statistics are made of.\n`);
      }
    } finally {
      await db.$client.end();
    }
    process.stdout.write("The schema is up to date.\n");
  },
});
