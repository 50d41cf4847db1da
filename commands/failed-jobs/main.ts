import { setTimeout } from "node:timers/promises";
import { openFailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import { throttle } from "@model-views/shared/runtime/throttle.ts";
import { auditedCommand } from "../shared/audited-command.ts";
import { withDatabase } from "../shared/with-database.ts";
import { withRedis } from "../shared/with-redis.ts";
import { listJobs, showJob } from "./list-jobs.ts";
import { moveJobs, putJobs } from "./move-jobs.ts";
import { retryJobs } from "./retry-jobs.ts";
import { type FailedJobsSettings, failedJobsSettings } from "./settings.ts";

const help = `
npm run failed-jobs -- list  [WHICH]
npm run failed-jobs -- show  ID
npm run failed-jobs -- retry WHICH [--anyway] [--dry-run]
npm run failed-jobs -- move  FILE WHICH [--dry-run]
npm run failed-jobs -- put   FILE [--dry-run]

A job that no worker could record completely stays on the queue as failed, without a time limit: it has views that were
acknowledged. The views of it that could be read are recorded already.

  list   prints the jobs, when and why they failed, and how many of their views can be read
  show   prints everything about one job: its data too, which may name a viewer and an address
  retry  puts jobs back on the queue, for example after an update of the workers, and prints what became of them. A job that
         this version cannot read completely would only fail again: it is printed, and stays. With --anyway it is put back
         as well, for workers that are newer than this checkout
  move   writes jobs to a new file, one JSON document per line, and then removes them from the queue to free Redis' memory.
         Protect and back up the file: it is the only copy
  put    puts the jobs of such a file on the queue, after you have repaired them there. A job that cannot be read is
         printed with its line and left out. The file stays, and may be put again: a view counts once

WHICH is ids, or --all, or one or both of:
  --since TIME   jobs that failed since this day (2026-11-22) or instant (2026-11-22T09:30:00Z)
  --reason TEXT  jobs whose reason contains this text

  --dry-run      only print what would be done

Uses REDIS_URL, else the local Redis in DATA_DIR; and DATABASE_URL, else the local PostgreSQL: its table audit_log notes who did
what (except for list and --dry-run, which change nothing and show nothing of a viewer). Exit code 0 when everything was done,
1 when something was skipped.`;

/** Milliseconds between progress lines. */
const PROGRESS_MS = 5_000;

await runCommand({
  help,
  async main(args) {
    const settings = failedJobsSettings(args, process.env);
    const isNoted = settings.action !== "list" && !settings.isDryRun;
    const { skipped } = isNoted
      ? await withDatabase(settings, "model-views failed-jobs", (db) =>
          auditedCommand(
            db,
            ["failed-jobs", ...args].join(" "),
            () => run(settings),
            ({ outcome }) => outcome,
          ),
        )
      : await run(settings);
    if (skipped > 0) process.exitCode = 1;
  },
});

/** What was done, for `audit_log`, and how many jobs were selected but skipped. */
type Done = { outcome: string; skipped: number };

function run(settings: FailedJobsSettings): Promise<Done> {
  const { action, selection, isDryRun, isAnyway, file } = settings;
  return withRedis(settings, "failed-jobs", async (redis) => {
    const jobs = openFailedJobs(redis);
    const total = await jobs.count();
    const onProgress = throttle(PROGRESS_MS, (done: number) => {
      if (done > 0) process.stderr.write(`${done} of ${total} jobs\n`);
    });
    // The first call is not throttled; this one prints nothing, so that the first line comes after PROGRESS_MS.
    onProgress(0);
    const deps = { jobs, print, onProgress, isDryRun, file };
    try {
      if (action === "retry") {
        const retried = await retryJobs(selection, { ...deps, isAnyway, wait: (ms) => setTimeout(ms) });
        return { ...retried, outcome: `${retried.retried} jobs put back, ${retried.skipped} skipped` };
      }
      if (action === "put") {
        const { put, skipped } = await putJobs(deps);
        return { skipped, outcome: `${put} jobs put back, ${skipped} skipped` };
      }
      if (action === "move") await moveJobs(selection, deps);
      else if (action === "show") await showJob(selection.ids[0] ?? "", deps);
      else await listJobs(selection, deps);
      return { skipped: 0, outcome: "done" };
    } finally {
      await jobs.close();
    }
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
