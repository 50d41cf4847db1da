import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { ourService } from "@model-views/lab/service-process.ts";
import {
  PAYLOAD_VERSION,
  VIEWS_JOB,
  VIEWS_JOB_OPTIONS,
  VIEWS_QUEUE,
} from "@model-views/shared/contracts/views-queue.ts";
import { Queue } from "bullmq";
import { PER_VIEW_QUEUE, type Side, type Turn } from "../comparison.ts";
import type { Lab } from "../lab.ts";
import type { RunningProgram } from "../launch.ts";
import { cpuPerView, cpuTime } from "../resources.ts";
import { madeViews } from "./made-views.ts";

/** Views that are posted over 64 connections at once end up in jobs of 30 to 64 views. */
const VIEWS_A_JOB = 64;
/** Jobs added at a time, before the measurement begins. */
const JOBS_AT_A_TIME = 500;

/** Milliseconds between two looks: a small share of a turn. */
const LOOK_EVERY_MS = 10;
/** Far more than any side needs. */
const DRAIN_MS_MAX = 180_000;

export type DrainingSide = Side & { program: RunningProgram };

type SideOptions = { lab: Lab; name: string; modelIds: readonly string[]; viewsATurn: number };

type Job = Parameters<Queue["addBulk"]>[0][number];

/** Our worker: jobs of 64 views, with every rollup. */
export async function startOurs({ lab, name, modelIds, viewsATurn }: SideOptions): Promise<DrainingSide> {
  const program = await lab.start({
    name,
    ...(await ourService("worker")),
    env: {
      NODE_ENV: "production",
      HOST: "127.0.0.1",
      WORKER_PORT: "0",
      REDIS_URL: lab.redisUrl,
      DATABASE_URL: lab.databaseUrl,
    },
  });
  const queue = new Queue(VIEWS_QUEUE.name, { connection: lab.redis, prefix: VIEWS_QUEUE.prefix });

  function* jobs(): Generator<Job> {
    for (const views of chunks(madeViews(modelIds, viewsATurn), VIEWS_A_JOB)) {
      const opts = { ...VIEWS_JOB_OPTIONS, jobId: randomUUID() };
      yield { name: VIEWS_JOB, data: { v: PAYLOAD_VERSION, views }, opts };
    }
  }

  return {
    name,
    program,
    async turn() {
      await lab.db.$client.query(
        "truncate model_views, model_viewers, model_totals, model_days, model_hours, finalized_hours, rejected_views",
      );
      await fill(lab, queue, jobs());
      const turn = await timedDrain({ lab, queue, program, views: viewsATurn });
      await expectRows(lab, "model_views", viewsATurn);
      const differences = await verifyRollups(lab.db);
      if (differences.length > 0) {
        throw new Error(`the rollups differ from the views: ${JSON.stringify(differences.slice(0, 3))}`);
      }
      return turn;
    },
  };
}

/** The usual worker: a job and an INSERT per view. */
export async function startJobPerView({
  lab,
  name,
  modelIds,
  viewsATurn,
}: SideOptions): Promise<DrainingSide> {
  const program = await lab.start({
    name,
    main: fileURLToPath(new URL("job-per-view-main.ts", import.meta.url)),
    env: { NODE_ENV: "production", REDIS_URL: lab.redisUrl, DATABASE_URL: lab.databaseUrl },
  });
  const queue = new Queue(PER_VIEW_QUEUE, { connection: lab.redis });

  function* jobs(): Generator<Job> {
    for (const { id, modelId, viewerIdentifier, viewedAt } of madeViews(modelIds, viewsATurn)) {
      const data = { id, modelId, viewerIdentifier, viewedAt };
      yield { name: "view", data, opts: { removeOnComplete: true } };
    }
  }

  return {
    name,
    program,
    async turn() {
      await lab.db.$client.query("truncate original_views");
      await fill(lab, queue, jobs());
      const turn = await timedDrain({ lab, queue, program, views: viewsATurn });
      await expectRows(lab, "original_views", viewsATurn);
      return turn;
    },
  };
}

async function timedDrain({ lab, queue, program, views }: TimedDrain): Promise<Turn> {
  const before = await cpuTime(program.pid, lab.redis);
  const tookMs = await Promise.race([drain(queue), program.died]);
  const cpu = cpuPerView(before, await cpuTime(program.pid, lab.redis), views);
  return { viewsPerSecond: (views / tookMs) * 1_000, cpu };
}

type TimedDrain = { lab: Lab; queue: Queue; program: RunningProgram; views: number };

/**
 * Resumes a paused queue, and resolves with the milliseconds until no job was left. A job is removed only after its views are
 * committed. Rejects when a job failed or was delayed.
 */
async function drain(queue: Queue): Promise<number> {
  const startedAt = performance.now();
  await queue.resume();
  for (;;) {
    const counts = await queue.getJobCounts("waiting", "active", "delayed", "failed");
    const tookMs = performance.now() - startedAt;
    const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
    if (delayed + failed > 0) throw new Error(`${queue.name}: ${failed} jobs failed, ${delayed} are delayed`);
    if (waiting + active === 0) return tookMs;
    if (tookMs > DRAIN_MS_MAX) throw new Error(`${queue.name}: ${waiting + active} jobs are left`);
    await pause(LOOK_EVERY_MS);
  }
}

/** Puts the jobs on a paused queue, and makes PostgreSQL write what earlier turns have left in memory. */
async function fill(lab: Lab, queue: Queue, jobs: Generator<Job>): Promise<void> {
  await lab.emptyRedis();
  await queue.pause();
  for (const some of chunks(jobs, JOBS_AT_A_TIME)) await queue.addBulk(some);
  await lab.db.$client.query("checkpoint");
}

async function expectRows(lab: Lab, table: string, expected: number): Promise<void> {
  const { rows } = await lab.db.$client.query<{ count: number }>(
    `select count(*)::int as count from ${table}`,
  );
  const found = rows[0]?.count;
  if (found !== expected) throw new Error(`${expected} views were queued, and ${table} has ${found}`);
}

function* chunks<Item>(items: Iterable<Item>, size: number): Generator<Item[]> {
  let chunk: Item[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
