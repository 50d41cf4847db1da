import { setTimeout } from "node:timers/promises";
import { openFailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import { auditedCommand } from "../audited-command.ts";
import { withDatabase } from "../with-database.ts";
import { withRedis } from "../with-redis.ts";
import { listJobs, showJob } from "./look-at-jobs.ts";
import { moveJobs, putJobs } from "./moved-jobs.ts";
import { retryJobs } from "./retry-jobs.ts";
import { type FailedJobsSettings, failedJobsSettings } from "./settings.ts";

const help = `
npm run failed-jobs -- list  [WHICH]
npm run failed-jobs -- show  ID
npm run failed-jobs -- retry WHICH [--anyway] [--dry-run]
npm run failed-jobs -- move  FILE WHICH [--dry-run]
npm run failed-jobs -- put   FILE [--dry-run]

Jobs that no worker could record in whole are kept on the queue as failed, for ever: they hold views that were acknowledged.
What of such a job could be read is recorded already.

  list   says which they are, when and why they failed, and how many views can be read
  show   says all that is kept of one job: its data too, which may name a viewer and an address
  retry  puts them back on the queue, and says what became of them: after an update that understands them, say. What this
         version cannot read in whole would only fail again: it is skipped and named, and stays. With --anyway it is put back
         as well, for workers that are newer than this checkout
  move   writes them to a new file, a line of JSON each, and then takes them from the queue, whose memory they fill. Keep the
         file as you would keep the views: nothing else has them
  put    puts the jobs of such a file on the queue, when you have mended them there: what cannot be read is named with its
         line and left out. The file stays, and may be put again: a view counts once

WHICH is ids, or --all, or what follows:
  --since TIME   those that failed since this day (2026-11-22) or instant (2026-11-22T09:30:00Z)
  --reason TEXT  those whose reason has this text in it
  --dry-run      only say what would be done

Uses REDIS_URL, else the local Redis in DATA_DIR; and DATABASE_URL, else the local PostgreSQL, whose table audit_log notes who did
what (but for list and --dry-run, which change and show nothing of a viewer). Exit code 0 when all that was meant was done, 1 when something was skipped.`;

/** Milliseconds from one line about the progress to the next. */
const PROGRESS_MS = 5_000;

await runCommand({
  help,
  async main(args) {
    const settings = failedJobsSettings(args, process.env);
    const isNoted = settings.action !== "list" && !settings.isDryRun;
    const skipped = isNoted
      ? await withDatabase(settings, "model-views failed-jobs", (db) =>
          auditedCommand(db, ["failed-jobs", ...args].join(" "), () => run(settings)),
        )
      : await run(settings);
    if (skipped > 0) process.exitCode = 1;
  },
});

/** Resolves with how many jobs were meant and are left as they were. */
function run(settings: FailedJobsSettings): Promise<number> {
  const { action, chosen, isDryRun, isAnyway, file } = settings;
  return withRedis(settings, "failed-jobs", async (redis) => {
    const jobs = openFailedJobs(redis);
    const total = await jobs.count();
    const onProgress = throttle(PROGRESS_MS, (done: number) => {
      if (done > 0) process.stderr.write(`${done} of ${total} jobs\n`);
    });
    // The first call comes through at once, and has nothing to say.
    onProgress(0);
    const deps = { jobs, say, onProgress, isDryRun, file };
    try {
      if (action === "retry") {
        const retried = await retryJobs(chosen, { ...deps, isAnyway, wait: (ms) => setTimeout(ms) });
        return retried.skipped;
      }
      if (action === "put") return (await putJobs(deps)).skipped;
      if (action === "move") await moveJobs(chosen, deps);
      else if (action === "show") await showJob(chosen.ids[0] ?? "", deps);
      else await listJobs(chosen, deps);
      return 0;
    } finally {
      await jobs.close();
    }
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
