import { readdir } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Queue } from "bullmq";
import { z } from "zod";
import type { Lab } from "../lab/lab.ts";

const LOOK_EVERY_MS = 100;
const SAY_EVERY_MS = 2_000;
const ANSWER_MS_MAX = 2_000;
const readinessSchema = z.object({ checks: z.object({ durable: z.string() }) });

/** What still waits somewhere: all 0 and "ok" when everything is done. */
export type Waiting = { jobs: number; failed: number; spools: readonly string[]; orphans: number };

export type Drained = {
  ms: number;
  /** What still waited when the time was up; undefined when nothing did. */
  left: Waiting | undefined;
  /** Jobs that failed, which nothing takes up again. */
  failed: number;
};

/** Waits until nothing is on the queue or in a spool, at most `msMax`; failed jobs are not waited for. */
export async function drain(
  lab: Pick<Lab, "ingests" | "spoolFolder">,
  { queue, msMax, say }: { queue: Queue; msMax: number; say: (line: string) => void },
): Promise<Drained> {
  const began = performance.now();
  let saidAt = began;
  for (;;) {
    const waiting = await whatWaits(lab, queue);
    const ms = performance.now() - began;
    const isEmpty =
      waiting.jobs === 0 && waiting.orphans === 0 && waiting.spools.every((says) => says === "ok");
    if (isEmpty) return { ms, left: undefined, failed: waiting.failed };
    if (ms > msMax) return { ms, left: waiting, failed: waiting.failed };
    if (performance.now() - saidAt > SAY_EVERY_MS) {
      saidAt = performance.now();
      say(`draining: ${inWords(waiting)}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** For people. */
export function inWords({ jobs, spools, orphans }: Waiting): string {
  const spooled = spools.filter((says) => says !== "ok");
  return [`${jobs} jobs on the queue`, `${orphans} spools of dead ingests`, ...spooled].join(", ");
}

async function whatWaits(
  { ingests, spoolFolder }: Pick<Lab, "ingests" | "spoolFolder">,
  queue: Queue,
): Promise<Waiting> {
  const counts = await queue
    .getJobCounts("waiting", "active", "delayed", "prioritized", "failed")
    .catch(() => ({ waiting: Number.NaN, failed: 0 }));
  const { failed = 0, ...others } = counts;
  const spools = await Promise.all(ingests.map((ingest) => spoolOf(ingest.adminPort())));
  const files = (await readdir(spoolFolder)).filter((name) => name.endsWith(".spool.sqlite"));
  return {
    jobs: Object.values(others).reduce((sum, jobs) => sum + jobs, 0),
    failed,
    spools,
    // A live ingest keeps one file, also when it is empty.
    orphans: Math.max(0, files.length - ingests.length),
  };
}

/** What an ingest says of its spool. */
async function spoolOf(port: number | undefined): Promise<string> {
  if (port === undefined) return "an ingest is away";
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    return readinessSchema.parse(await response.json()).checks.durable;
  } catch (error) {
    return `an ingest does not answer: ${error instanceof Error ? error.message : error}`;
  }
}
