import { accounting } from "@model-views/db/pipeline/accounting.ts";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import { readAccounts, writeOff } from "@model-views/shared/queue/accounts.ts";
import { parseConfig } from "@model-views/shared/runtime/config.ts";
import { runCommand, UsageError } from "@model-views/shared/runtime/run-command.ts";
import { auditedCommand } from "../shared/audited-command.ts";
import { databaseSettings, queueSettings } from "../shared/settings.ts";
import { withDatabase } from "../shared/with-database.ts";
import { withRedis } from "../shared/with-redis.ts";

const help = `
npm run accounting [-- write-off]

Prints what became of all views that were ever put on the queue, and whether any is lost: gone from the queue, and not recorded.
write-off sets a difference to zero, once you know where it comes from, such as a Redis that was restored; it changes no view.

Uses DATABASE_URL and REDIS_URL, else the local ones in DATA_DIR. Exit code 1 when views are lost, or recorded beyond what was
queued, or when that is not known, because more than 5,000 batches wait.`;

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const isWriteOff = args.length === 1 && args[0] === "write-off";
    if (args.length > 0 && !isWriteOff) throw new UsageError("give write-off, or nothing");
    const settings = parseConfig(databaseSettings.extend(queueSettings.shape), process.env);
    await withDatabase(settings, "model-views accounting", (db) =>
      withRedis(settings, "accounting", async (redis) => {
        const accounts = () => accounting(asking(db.$client), () => readAccounts(redis));
        const found = await accounts();
        if (!isWriteOff) return print(found);
        const difference = (found.lost ?? 0) - (found.surplus ?? 0);
        if (difference === 0) throw new UsageError("there is no difference to write off");
        await auditedCommand(
          db,
          "accounting write-off",
          () => writeOff(redis, difference),
          () => `${found.lost} lost, ${found.surplus} surplus`,
        );
        print(await accounts());
      }),
    );
  },
});

function print({ lost, surplus, ...parts }: Accounting): void {
  const counted = Object.entries(parts).map(([name, views]) => [name, shown(views)] as const);
  const lines = [...counted, ["lost", shown(lost)] as const, ["surplus", shown(surplus)] as const];
  const width = Math.max(...lines.map(([, views]) => views.length));
  for (const [name, views] of lines) process.stdout.write(`${name.padEnd(11)} ${views.padStart(width)}\n`);
  if (lost !== 0 || surplus !== 0) process.exitCode = 1;
}

function shown(views: number | null): string {
  return views?.toLocaleString("en-US") ?? "unknown";
}
