import { readdir } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";
import type { Queue } from "bullmq";
import type { Lab } from "../lab/lab.ts";
import { spoolState } from "../lab/probes.ts";

const LOOK_EVERY_MS = 100;
const LOG_EVERY_MS = 2_000;

/** What still waits somewhere, without the jobs of a later version: all 0 and "ok" when everything is done. */
export type Waiting = { jobs: number; failed: number; spools: readonly string[]; orphans: number };

export type Drained = {
  ms: number;
  /** What still waited after `msMax`; undefined when nothing did. */
  left: Waiting | undefined;
  /** Jobs that failed: no worker takes them again. */
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
    log,
  }: {
    queue: Queue;
    /** Ids of jobs of a later version. */
    later: ReadonlyMap<string, unknown>;
    msMax: number;
    log: (line: string) => void;
  },
): Promise<Drained> {
  const began = performance.now();
  let loggedAt = began;
  for (;;) {
    const laterWaiting = await whichWait(queue, later);
    const waiting = await whatWaits(lab, queue, laterWaiting.size);
    const ms = performance.now() - began;
    const isEmpty =
      waiting.jobs === 0 && waiting.orphans === 0 && waiting.spools.every((state) => state === "ok");
    if (isEmpty || ms > msMax) {
      return { ms, left: isEmpty ? undefined : waiting, failed: waiting.failed, laterWaiting };
    }
    if (performance.now() - loggedAt > LOG_EVERY_MS) {
      loggedAt = performance.now();
      log(`draining: ${inWords(waiting)}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** The same for people. */
export function inWords({ jobs, spools, orphans }: Waiting): string {
  const spooled = spools.filter((state) => state !== "ok");
  return [`${jobs} jobs on the queue`, `${orphans} spools of dead ingests`, ...spooled].join(", ");
}

const WAITING = ["waiting", "active", "delayed", "prioritized"] as const;

/** The ids of those that are on the queue, and have not failed. */
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
  const spools = await Promise.all(ingests.map((ingest) => spoolState(ingest.adminPort())));
  const files = (await readdir(spoolFolder)).filter((name) => name.endsWith(".spool.sqlite"));
  return {
    jobs: Object.values(others).reduce((sum, jobs) => sum + jobs, 0) - expected,
    failed,
    spools,
    // A running ingest has one file, also when it is empty.
    orphans: Math.max(0, files.length - ingests.length),
  };
}

/** Milliseconds in which the worker redrives rejected views whose model exists again. */
const REDRIVEN_MS_MAX = 15_000;

/** Waits until no view of a model that exists is rejected as of an unknown model. After a while it gives up, and the checks find the rest. */
export async function untilRedriven(db: Db, log: (line: string) => void): Promise<void> {
  const deadline = performance.now() + REDRIVEN_MS_MAX;
  for (let isFirst = true; ; isFirst = false) {
    const { rows } = await db.$client.query<{ count: number }>(
      `select count(*)::int as count from rejected_views r join models on models.id = r.model_id
       where reason = 'unknown_model'`,
    );
    const left = rows[0]?.count ?? 0;
    if (left === 0 || performance.now() > deadline) return;
    if (isFirst) log(`waiting for ${left} rejected views to be redriven`);
    await pause(LOOK_EVERY_MS);
  }
}
