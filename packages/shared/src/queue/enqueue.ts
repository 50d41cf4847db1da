import { randomUUID } from "node:crypto";
import { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { ViewEvent } from "../contracts/view-event.ts";
import {
  PAYLOAD_VERSION,
  VIEWS_JOB,
  VIEWS_JOB_OPTIONS,
  VIEWS_QUEUE,
  type ViewsPayload,
} from "../contracts/views-queue.ts";
import { countJob, newAccount, viewsIn } from "./accounts.ts";

/** Views that are queued together: the payload and the id of their job. */
export type Batch = { jobId: string; payload: ViewsPayload };

/**
 * Puts one job on the queue: up to 500 views, all or none of them. Resolves with the payload's JSON as it was stored.
 *
 * With `isAgain` the job may have been tried before. BullMQ adds nothing if a job of that id exists. But if Redis stops a
 * script in the middle (because its user lacks a right, for example), the job exists and is on no list, where no worker
 * finds it. Then it is added again under another id. So the views may be on the queue twice.
 */
export type Enqueue = (batch: Batch, options?: { isAgain: boolean }) => Promise<string>;

/** Puts views, 500 at most, on the queue as a new job. */
export async function enqueueAsNewJob(enqueue: Enqueue, views: ViewEvent[]): Promise<void> {
  await enqueue({ jobId: randomUUID(), payload: { v: PAYLOAD_VERSION, views } });
}

/**
 * Opens the queue in order to add jobs. With `skipWaitingForReady` and `skipVersionCheck`, adding fails at once while
 * Redis is away; without them it hangs. An attempt that timed out may still have succeeded: that is why views have ids.
 */
export function openViewsQueue(redis: Redis): { enqueue: Enqueue; close: () => Promise<void> } {
  const queue = new Queue<ViewsPayload>(VIEWS_QUEUE.name, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  // The connection logs its own errors. Without a listener the queue would throw them.
  queue.on("error", () => {});
  return {
    async enqueue({ jobId, payload }, { isAgain } = { isAgain: false }) {
      const isLost = isAgain && (await isOnNoList(jobId));
      return addCounted(queue, isLost ? randomUUID() : jobId, payload);
    },
    close: () => queue.close(),
  };

  /** Also true when that is unknown, because a view that is on the queue twice is recorded once. */
  async function isOnNoList(jobId: string): Promise<boolean> {
    if ((await redis.exists(queue.toKey(jobId))) === 0) return false;
    return queue.getJobState(jobId).then(
      (state) => state === "unknown",
      () => true,
    );
  }
}

/**
 * Adds a job and counts its views as queued, both or neither: in one transaction. If the queue has a job of that id, nothing
 * changes. Resolves with the JSON of the payload.
 *
 * @throws what Redis threw; then the job may have been added all the same, when its answer is missing.
 */
export async function addCounted(queue: Queue, id: string, payload: unknown): Promise<string> {
  const job = new Job(queue, VIEWS_JOB, payload, { ...VIEWS_JOB_OPTIONS, ...newAccount() }, id).asJSON();
  const transaction = (await queue.backend.client).multi();
  // It is queued in the transaction at once; the answer comes below.
  await queue.backend.addJobToTransaction(transaction, job, id);
  transaction.runCommand("eval", countJob(id, viewsIn(payload)));
  const results = await transaction.exec();
  for (const [error] of results ?? []) if (error) throw error;
  // BullMQ's script answers with the id of the job that is on the queue now, and with a negative number when it added none.
  const added: unknown = results?.[0]?.[1];
  if (added !== id) throw new Error(`Redis did not add job ${id}: ${String(added)}`);
  return job.data;
}
