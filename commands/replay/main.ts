import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { explainFailure } from "@model-views/db/explain-failure.ts";
import { openLocalRedis } from "@model-views/local-services/redis.ts";
import { openViewsQueue } from "@model-views/shared/enqueue.ts";
import { createLogger } from "@model-views/shared/logger.ts";
import { connectFailingFast, settled } from "@model-views/shared/redis.ts";
import { runCommand } from "@model-views/shared/run-command.ts";
import { withDatabase } from "../with-database.ts";
import { listRejected, replayAll } from "./replay.ts";
import { type ReplaySettings, replaySettings } from "./settings.ts";

const help = `
npm run replay -- [--reason REASON] [--since TIME] [--dry-run]

Puts views that were rejected back on the queue, with their ids, and says of each what became of it: stored, rejected
again (with the reason), or still waiting when no worker took it within 30 s. Safe to repeat: a view counts once.

  --reason REASON  only those: unknown_model, refused, or an SQLSTATE such as 22021; without it all of these.
                   past_retention as well, though such a view is only rejected again
  --since TIME     only those that were rejected since this day (2026-11-22) or instant (2026-11-22T09:30:00Z)
  --dry-run        only say which they are

Uses DATABASE_URL and REDIS_URL, else the local ones in DATA_DIR. Views of a model that is made later come back by
themselves. The address of a view is not kept with it, so a replayed view has none; one that is rejected again counts as
rejected now. Exit code 0 when all were put back, whatever became of them.`;

await runCommand({
  help,
  explain: explainFailure,
  async main(args) {
    const settings = replaySettings(args, process.env);
    await withDatabase(settings, "model-views replay", async (db) => {
      const { rows } = await db.$client.query<{ now: Date }>("select clock_timestamp() as now");
      const before = rows[0]?.now ?? new Date();
      const filter = { reason: settings.reason, since: settings.since, before };
      if (settings.isDryRun) return listRejected(db, filter, say);
      await withQueue(settings, (enqueue) =>
        replayAll(db, filter, { enqueue, say, wait: (ms) => setTimeout(ms) }),
      );
    });
  },
});

/** Runs `work` with the queue of `REDIS_URL`, else with the local one, started for as long as `work` takes. */
async function withQueue(
  { REDIS_URL, DATA_DIR }: ReplaySettings,
  work: (enqueue: ReturnType<typeof openViewsQueue>["enqueue"]) => Promise<void>,
): Promise<void> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const options = { dataDir: resolve(DATA_DIR), log, redisUrl: REDIS_URL };
  await using opened = new AsyncDisposableStack();
  const server = await openLocalRedis(options);
  opened.defer(() => server.stop());
  const redis = connectFailingFast(server.url, createLogger({ service: "replay", level: "warn" }));
  opened.defer(() => redis.disconnect());
  await settled(redis);
  const queue = openViewsQueue(redis);
  opened.defer(() => queue.close());
  await work(queue.enqueue);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
