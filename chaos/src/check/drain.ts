import { readdir } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Queue } from "bullmq";
import type { Lab } from "../lab/lab.ts";
import { spoolSays } from "../lab/spool-says.ts";

const LOOK_EVERY_MS = 100;
const SAY_EVERY_MS = 2_000;

/** What still waits somewhere, but for what no worker of today can do: all 0 and "ok" when everything is done. */
export type Waiting = { jobs: number; failed: number; spools: readonly string[]; orphans: number };

export type Drained = {
  ms: number;
  /** What still waited when the time was up; undefined when nothing did. */
  left: Waiting | undefined;
  /** Jobs that failed, which nothing takes up again. */
  failed: number;
  /** Jobs of a later version that wait, as they should, by id. */
  laterWaiting: ReadonlySet<string>;
};

/** Waits until nothing is on the queue or in a spool, at most `msMax`; failed jobs are not waited for. */
export async function drain(
  lab: Pick<Lab, "ingests" | "spoolFolder">,
  {
    queue,
    later,
    msMax,
    say,
  }: {
    queue: Queue;
    /** Ids of jobs of a later version. */
    later: ReadonlyMap<string, unknown>;
    msMax: number;
    say: (line: string) => void;
  },
): Promise<Drained> {
  const began = performance.now();
  let saidAt = began;
  for (;;) {
    const laterWaiting = await whichWait(queue, later);
    const waiting = await whatWaits(lab, queue, laterWaiting.size);
    const ms = performance.now() - began;
    const isEmpty =
      waiting.jobs === 0 && waiting.orphans === 0 && waiting.spools.every((says) => says === "ok");
    if (isEmpty || ms > msMax) {
      return { ms, left: isEmpty ? undefined : waiting, failed: waiting.failed, laterWaiting };
    }
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

const WAITING = ["waiting", "active", "delayed", "prioritized"] as const;

/** Which of these jobs are on the queue, and have not failed? */
async function whichWait(queue: Queue, ids: ReadonlyMap<string, unknown>): Promise<Set<string>> {
  if (ids.size === 0) return new Set();
  const waiting = await queue.getRanges([...WAITING], 0, -1).catch(() => []);
  return new Set(waiting.filter((id) => ids.has(id)));
}

async function whatWaits(
  { ingests, spoolFolder }: Pick<Lab, "ingests" | "spoolFolder">,
  queue: Queue,
  expected: number,
): Promise<Waiting> {
  const counts = await queue
    .getJobCounts(...WAITING, "failed")
    .catch(() => ({ waiting: Number.NaN, failed: 0 }));
  const { failed = 0, ...others } = counts;
  const spools = await Promise.all(ingests.map((ingest) => spoolSays(ingest.adminPort())));
  const files = (await readdir(spoolFolder)).filter((name) => name.endsWith(".spool.sqlite"));
  return {
    jobs: Object.values(others).reduce((sum, jobs) => sum + jobs, 0) - expected,
    failed,
    spools,
    // A live ingest keeps one file, also when it is empty.
    orphans: Math.max(0, files.length - ingests.length),
  };
}
