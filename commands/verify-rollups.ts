import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { DIFFERENCES_MAX, verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { databaseSettings } from "./settings.ts";
import { withDatabase } from "./with-database.ts";

const help = `
npm run verify-rollups

Recomputes every rollup of DATABASE_URL (or of the local PostgreSQL in DATA_DIR) from the raw views and lists where
they differ. Where retention has removed raw views, the rollups must fit what is left and each other. Exit code 0 when
they do not differ, 1 when they do. May run beside everything else; reads whole tables.`;

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
      process.stdout.write("No difference: the rollups say what the raw views say.\n");
      return;
    }
    process.stdout.write(
      `${differences.length} differences (at most ${DIFFERENCES_MAX} of each rollup are listed).\n`,
    );
    process.exitCode = 1;
  },
});
