import { randomUUID } from "node:crypto";
import { Job, type JobProgress, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE, type ViewsPayload } from "../contracts/views-queue.ts";

/** Views that travel together, as the queue's payload and under the job id that they have there. */
export type Batch = { jobId: string; payload: ViewsPayload };

/**
 * Puts one job on the queue: up to 500 views, all or none of them. Resolves with the payload's JSON, as it is there.
 *
 * `isAgain`: it may have been tried before, and is on the queue at most once more for that. Under the same id, BullMQ adds
 * nothing where a job of that id is there. But a script that Redis stops in the middle, because its user lacks a right, say, leaves a
 * job that is on no list and that no worker will ever find: then it is added under another id.
 */
export type Enqueue = (batch: Batch, options?: { isAgain: boolean }) => Promise<string>;

/** Keeps the text of its data: to write it a second time would take 2 % of what a view takes. */
class TextJob<Data, Result, Name extends string, Progress extends JobProgress> extends Job<
  Data,
  Result,
  Name,
  Progress
> {
  text = "";

  override asJSON() {
    const json = super.asJSON();
    this.text = json.data;
    return json;
  }
}

class TextQueue extends Queue<ViewsPayload> {
  override get Job() {
    return TextJob;
  }
}

/**
 * The queue, to add to it. With `skipWaitingForReady` and `skipVersionCheck` an add fails at once while Redis is
 * away; without either it hangs. An add that timed out may still have been done: that is why views have ids.
 */
export function openViewsQueue(redis: Redis): { enqueue: Enqueue; close: () => Promise<void> } {
  const queue = new TextQueue(VIEWS_QUEUE.name, {
    connection: redis,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  // The connection logs its own errors; without a listener the queue would throw them.
  queue.on("error", () => {});
  return {
    async enqueue({ jobId, payload }, { isAgain } = { isAgain: false }) {
      const isLost = isAgain && (await isOnNoList(jobId));
      const options = { ...VIEWS_JOB_OPTIONS, jobId: isLost ? randomUUID() : jobId };
      const job = await queue.add(VIEWS_JOB, payload, options);
      return job instanceof TextJob ? job.text : JSON.stringify(payload);
    },
    close: () => queue.close(),
  };

  /** True as well where it cannot be seen: a view that is on the queue twice is recorded once. */
  async function isOnNoList(jobId: string): Promise<boolean> {
    if ((await redis.exists(queue.toKey(jobId))) === 0) return false;
    return queue.getJobState(jobId).then(
      (state) => state === "unknown",
      () => true,
    );
  }
}
