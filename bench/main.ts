import { availableParallelism, cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { runCommand } from "@model-views/shared/runtime/run-command.ts";
import type { Comparison } from "./src/comparison.ts";
import { compareIngest } from "./src/ingest/compare-ingest.ts";
import { type Lab, withLab } from "./src/lab.ts";
import { type BenchOptions, parseBenchOptions } from "./src/options.ts";
import { missedTargets, report } from "./src/report.ts";
import { type AskedQuestion, compareStats } from "./src/stats/compare-stats.ts";
import { createProgress } from "./src/stats/progress.ts";
import { missedAnswers, reportStats } from "./src/stats/report-stats.ts";
import { compareWorker } from "./src/worker/compare-worker.ts";

const help = `
npm run bench [-- ingest|worker|stats] [--rounds N] [--seconds N] [--views N]

Measures this machine: our ingest against Express with a job per view and against bare node:http, and our worker
against a job and an INSERT per view. Each is a process of its own; they take turns, after a first round that does
not count. What counts are the ratios, round by round: the absolute figures depend on the machine. With no
name these two are measured.

stats, only when named, puts a dashboard's questions to the stats API with ten million views, beside itself with a
hundred thousand, and beside the queries of the original design on the same views. It makes those views the first
time (some 15 minutes, and several gigabytes) and keeps them in .data/bench; delete that folder when you are done.

  --rounds N   rounds that count (ingest 5, worker 3, stats 50)
  --seconds N  seconds of each turn at ingest, about (5)
  --views N    views that statistics are asked of (10,000,000)

Uses a PostgreSQL and a Redis of its own, and only loopback; but for .data/bench nothing stays. Exit code 1 when a
target is missed or a view is lost, 130 when it was stopped.`;

const EXIT_STOPPED = 130;
const KEPT = {
  folder: fileURLToPath(new URL("../.data/bench", import.meta.url)),
  // What PostgreSQL's manual advises is a quarter of the memory; its default is for the smallest of machines.
  postgresSettings: { shared_buffers: "1GB", max_wal_size: "8GB" },
};

await runCommand({
  help,
  async main(args) {
    const options = parseBenchOptions(args);
    const stopped = nextSignal();
    const usual = options.comparisons.filter((name) => name !== "stats");
    const missed: string[] = [];
    if (usual.length > 0) {
      const compared = await withLab((lab) => compareAll(lab, { ...options, comparisons: usual }), {
        stopped,
        say,
      });
      missed.push(...orStopped(compared).flatMap(missedTargets));
    }
    if (options.comparisons.includes("stats")) {
      const asked = await withLab((lab) => askStats(lab, options), { stopped, say, kept: KEPT });
      missed.push(...orStopped(asked).flatMap(missedAnswers));
    }
    for (const line of missed) process.stdout.write(`Target missed: ${line}\n`);
    process.exit(missed.length > 0 ? 1 : 0);
  },
});

function orStopped<Result>(result: Result | undefined): Result {
  if (result !== undefined) return result;
  say("stopped");
  process.exit(EXIT_STOPPED);
}

async function compareAll(lab: Lab, { comparisons, rounds, seconds }: BenchOptions): Promise<Comparison[]> {
  process.stdout.write(`${await machine(lab)}\n\n`);
  const done: Comparison[] = [];
  for (const name of comparisons) {
    const compared =
      name === "ingest"
        ? await compareIngest(lab, { rounds, seconds, say })
        : await compareWorker(lab, { rounds, say });
    process.stdout.write(`${report(compared)}\n`);
    done.push(compared);
  }
  return done;
}

async function askStats(lab: Lab, { rounds, views }: BenchOptions): Promise<AskedQuestion[]> {
  process.stdout.write(`${await machine(lab)}\n\n`);
  const asked = await compareStats(lab, { rounds, views, progress: createProgress(process.stderr), say });
  process.stdout.write(`${reportStats(asked, { views })}\n`);
  return asked;
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

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
