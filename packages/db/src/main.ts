import { databaseUrlSchema, parseConfig } from "@model-views/shared/config.ts";
import { runCommand } from "@model-views/shared/run-command.ts";
import { z } from "zod";
import { connect } from "./connect.ts";
import { migrate } from "./migrate.ts";

const help = `
npm run migrate

Brings the schema of DATABASE_URL up to date, makes the partitions of the months around this one, and ends. Safe to
run again, and by several at once. (npm start does this by itself.)`;

await runCommand({
  help,
  async main() {
    const { DATABASE_URL } = parseConfig(z.object({ DATABASE_URL: databaseUrlSchema }), process.env);
    const db = connect({
      databaseUrl: DATABASE_URL,
      applicationName: "model-views migrate",
      connectionsMax: 1,
      statementTimeoutMs: 0,
      onError: (error) => process.stderr.write(`PostgreSQL: ${error.message}\n`),
    });
    try {
      await migrate(db, { now: new Date() });
    } finally {
      await db.$client.end();
    }
    process.stdout.write("The schema is up to date.\n");
  },
});
