import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { DIFFERENCES_MAX, verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { databaseSettings } from "../shared/settings.ts";
import { withDatabase } from "../shared/with-database.ts";

const help = `
npm run verify-rollups

Recomputes every rollup from the raw views and lists the differences. Where retention has removed raw views, the rollups must
agree with the views that are left and with each other. Reads whole tables; may run while everything else does.

Uses DATABASE_URL, else the local PostgreSQL in DATA_DIR. Exit code 0 when there are no differences, 1 when there are.`;

await runCommand({
  help,
  explain: explainFailure,
  async main() {
    const settings = parseConfig(databaseSettings, process.env);
    const differences = await withDatabase(settings, "model-views verify-rollups", (db) =>
      verifyRollups(db, (rollup) => process.stderr.write(`checking ${rollup}\n`)),
    );
    for (const { rollup, key, expected, found } of differences) {
      process.stdout.write(
        `${rollup} ${key}: expected ${expected ?? "no row"}, found ${found ?? "no row"}\n`,
      );
    }
    if (differences.length === 0) {
      process.stdout.write("No difference: the rollups match the raw views.\n");
      return;
    }
    process.stdout.write(
      `${differences.length} differences (at most ${DIFFERENCES_MAX} of each rollup are listed).\n`,
    );
    process.exitCode = 1;
  },
});
