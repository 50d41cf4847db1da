import { setTimeout } from "node:timers/promises";
import { explainFailure } from "@model-views/db/postgres/failure.ts";
import { openViewsQueue } from "@model-views/shared/queue/enqueue.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { auditedCommand } from "../audited-command.ts";
import { withDatabase } from "../with-database.ts";
import { withRedis } from "../with-redis.ts";
import { listRejected, replayAll } from "./redrive.ts";
import { replaySettings } from "./settings.ts";

const help = `
npm run redrive -- [--reason REASON] [--since TIME] [--dry-run]

Puts views that were rejected back on the queue, with their ids, and says of each what became of it: stored, rejected
again (with the reason), or still waiting when no worker took it within 30 s. Safe to repeat: a view counts once.

  --reason REASON  only those: unknown_model, refused, or an SQLSTATE such as 22021; without it all of these.
                   past_retention as well, though such a view is only rejected again
  --since TIME     only those that were rejected since this day (2026-11-22) or instant (2026-11-22T09:30:00Z)
  --dry-run        only say which they are

Uses DATABASE_URL and REDIS_URL, else the local ones in DATA_DIR. Views of a model that is made later come back by
themselves. The address of a view is not kept with it, so a replayed view has none; one that is rejected again counts as
rejected now. What cannot be read any more is named and stays where it is. Exit code 0 when all were put back, whatever
became of them, 1 when some could not be read.`;

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const settings = replaySettings(args, process.env);
    await withDatabase(settings, "model-views redrive", async (db) => {
      const { rows } = await db.$client.query<{ now: Date }>("select clock_timestamp() as now");
      const before = rows[0]?.now ?? new Date();
      const filter = { reason: settings.reason, since: settings.since, before };
      if (settings.isDryRun) return listRejected(db, filter, say);
      await withRedis(settings, "redrive", async (redis) => {
        const queue = openViewsQueue(redis);
        try {
          const wait = (ms: number) => setTimeout(ms);
          const { unreadable } = await auditedCommand(
            db,
            ["redrive", ...args].join(" "),
            () => replayAll(db, filter, { enqueue: queue.enqueue, say, wait }),
            ({ replayed }) => `${replayed} views put on the queue`,
          );
          if (unreadable > 0) process.exitCode = 1;
        } finally {
          await queue.close();
        }
      });
    });
  },
});

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
