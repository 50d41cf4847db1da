import { setTimeout } from "node:timers/promises";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { auditedCommand } from "../shared/audited-command.ts";
import { withDatabase } from "../shared/with-database.ts";
import { withRedis } from "../shared/with-redis.ts";
import { listRejected, redriveAll } from "./redrive.ts";
import { redriveSettings } from "./settings.ts";

const help = `
npm run redrive -- [--reason REASON] [--since TIME] [--dry-run]

Puts rejected views back on the queue, with their ids, and prints the result for each: stored, rejected again (with the
reason), or still waiting when no worker took it within 30 s. Safe to repeat: a view counts once.

  --reason REASON  only views with this reason: unknown_model, refused, past_retention, or an SQLSTATE such as 22021.
                   Without it, all but past_retention: those would only be rejected again
  --since TIME     only views that were rejected since this day (2026-11-22) or instant (2026-11-22T09:30:00Z)
  --dry-run        only list them

Uses DATABASE_URL and REDIS_URL, else the local ones in DATA_DIR. The maintenance task redrive does the same, by itself, for
views of a model that is made later. A rejected view is kept without its address, so it is stored without one. A view that
is rejected again counts as rejected now. A view that cannot be read any more is listed and stays. Exit code 0 when all were
put back, also when some were rejected again; 1 when some could not be read.`;

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const settings = redriveSettings(args, process.env);
    await withDatabase(settings, "model-views redrive", async (db) => {
      const { rows } = await db.$client.query<{ now: Date }>("select clock_timestamp() as now");
      const before = rows[0]?.now ?? new Date();
      const filter = { reason: settings.reason, since: settings.since, before };
      if (settings.isDryRun) return listRejected(db, filter, print);
      await withRedis(settings, "redrive", async (redis) => {
        const queue = openViewsQueue(redis);
        try {
          const wait = (ms: number) => setTimeout(ms);
          const { unreadable } = await auditedCommand(
            db,
            ["redrive", ...args].join(" "),
            () => redriveAll(db, filter, { enqueue: queue.enqueue, print, wait }),
            ({ redriven }) => `${redriven} views put on the queue`,
          );
          if (unreadable > 0) process.exitCode = 1;
        } finally {
          await queue.close();
        }
      });
    });
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
