import { availableParallelism, cpus } from "node:os";
import { runCommand } from "@model-views/shared/run-command.ts";
import type { Comparison } from "./src/comparison.ts";
import { compareIngest } from "./src/ingest/compare-ingest.ts";
import { type Lab, withLab } from "./src/lab.ts";
import { type BenchOptions, parseBenchOptions } from "./src/options.ts";
import { missedTargets, report } from "./src/report.ts";
import { compareWorker } from "./src/worker/compare-worker.ts";

const help = `
npm run bench [-- ingest|worker] [--rounds N] [--seconds N]

Measures this machine: our ingest against Express with a job per view and against bare node:http, and our worker
against a job and an INSERT per view. Each is a process of its own; they take turns, after a first round that does
not count. What counts are the ratios, round by round: the absolute figures depend on the machine.

  --rounds N   rounds that count (ingest 5, worker 3)
  --seconds N  seconds of each turn at ingest, about (5)

Uses a PostgreSQL and a Redis of its own in a temporary folder, and only loopback; nothing stays. Exit code 1 when a
target is missed or a view is lost, 130 when it was stopped.`;

const EXIT_STOPPED = 130;

await runCommand({
  help,
  async main(args) {
    const options = parseBenchOptions(args);
    const comparisons = await withLab((lab) => compareAll(lab, options), { stopped: nextSignal(), say });
    if (comparisons === undefined) {
      say("stopped");
      process.exit(EXIT_STOPPED);
    }
    const missed = comparisons.flatMap(missedTargets);
    for (const line of missed) process.stdout.write(`Target missed: ${line}\n`);
    process.exit(missed.length > 0 ? 1 : 0);
  },
});

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

async function machine({ db, redis }: Lab): Promise<string> {
  const { rows } = await db.$client.query<{ server_version: string }>("show server_version");
  const redisVersion = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1];
  const processor = cpus()[0]?.model.trim() ?? "unknown processor";
  return [
    `${availableParallelism()} × ${processor}`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${rows[0]?.server_version}`,
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
