import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { createProgress } from "@model-views/lab/progress.ts";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import type { Comparison } from "./src/comparison.ts";
import { compareIngest } from "./src/ingest/compare-ingest.ts";
import { type Lab, withLab } from "./src/lab.ts";
import { type BenchOptions, parseBenchOptions } from "./src/options.ts";
import { missedTargets, report } from "./src/report.ts";
import { compareStats, type StatsResults } from "./src/stats/compare-stats.ts";
import { missedStats, reportStats } from "./src/stats/report-stats.ts";
import { compareWorker } from "./src/worker/compare-worker.ts";

const help = `
npm run bench [-- ingest|worker|stats] [--rounds N] [--seconds N] [--views N]

Compares the speed of this system with simpler ones on this machine. The results are ratios, measured round by round: absolute
numbers depend on the machine. The programs take turns, each as a process; a first round does not count.

  ingest  our ingest, Express with a job per view, and bare node:http without a queue
  worker  our worker, and one with a job and an INSERT per view
  stats   a dashboard's questions to the stats API: with ten million views, with a hundred thousand, and as queries of the
          original design on the same views; then twenty readers at once, memory, and the stored audiences. The first run makes these views (some 15 minutes, and several gigabytes) and
          keeps them in .data/bench; delete that folder when you are done

Without a name it runs ingest and worker.

  --rounds N   rounds that count (ingest 5, worker 3, stats 50)
  --seconds N  approximate seconds of each turn at ingest (5)
  --views N    views of the large data set of stats (10,000,000)

Starts a separate PostgreSQL and Redis, and uses only loopback. Only .data/bench stays. Exit code 1 when a target is missed or
a view is lost, 130 when the run was stopped.`;

const EXIT_STOPPED = 130;
const KEPT = {
  folder: fileURLToPath(new URL("../.data/bench", import.meta.url)),
  // PostgreSQL's manual recommends a quarter of the memory; its default is for the smallest machines.
  postgresSettings: { shared_buffers: "1GB", max_wal_size: "8GB" },
};

await runCommand({
  help,
  async main(args) {
    const options = parseBenchOptions(args);
    const stopped = nextSignal();
    const inTemporaryLab = options.comparisons.filter((name) => name !== "stats");
    const missed: string[] = [];
    if (inTemporaryLab.length > 0) {
      const compared = await withLab((lab) => compareAll(lab, { ...options, comparisons: inTemporaryLab }), {
        stopped,
        log,
      });
      missed.push(...orStopped(compared).flatMap(missedTargets));
    }
    if (options.comparisons.includes("stats")) {
      const asked = await withLab((lab) => askStats(lab, options), { stopped, log, kept: KEPT });
      missed.push(...missedStats(orStopped(asked)));
    }
    for (const line of missed) process.stdout.write(`Target missed: ${line}\n`);
    process.exit(missed.length > 0 ? 1 : 0);
  },
});

function orStopped<Result>(result: Result | undefined): Result {
  if (result !== undefined) return result;
  log("stopped");
  process.exit(EXIT_STOPPED);
}

async function compareAll(lab: Lab, { comparisons, rounds, seconds }: BenchOptions): Promise<Comparison[]> {
  process.stdout.write(`${await machine(lab)}\n\n`);
  const done: Comparison[] = [];
  for (const name of comparisons) {
    const compared =
      name === "ingest"
        ? await compareIngest(lab, { rounds, seconds, log })
        : await compareWorker(lab, { rounds, log });
    process.stdout.write(`${report(compared)}\n`);
    done.push(compared);
  }
  return done;
}

async function askStats(lab: Lab, { rounds, views }: BenchOptions): Promise<StatsResults> {
  process.stdout.write(`${await machine(lab)}\n\n`);
  const results = await compareStats(lab, { rounds, views, progress: createProgress(process.stderr), log });
  process.stdout.write(`${reportStats(results)}\n`);
  return results;
}

async function machine({ db, redis }: Lab): Promise<string> {
  const { rows } = await db.$client.query<{ version: string; buffers: string }>(
    "select current_setting('server_version') as version, current_setting('shared_buffers') as buffers",
  );
  const redisVersion = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1];
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  return [
    `${availableParallelism()} × ${processor}`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${rows[0]?.version} with shared_buffers of ${rows[0]?.buffers}`,
    `Redis ${redisVersion}`,
  ].join(", ");
}

/** Resolves at the first signal that asks to stop. */
function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
