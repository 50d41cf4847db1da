import {
  VIEWS_QUEUE,
  VIEWS_WORKER_TIMES,
  type ViewsPayload,
} from "@model-views/shared/contracts/views-queue.ts";
import { type Job, type JobJson, type Processor, Worker } from "bullmq";
import type { Redis } from "ioredis";

/** What a job has for data whose data is no JSON: no payload of any version, so that it fails, and is kept as it is. */
const UNREADABLE = JSON.stringify("no JSON");

export type ViewsWorkerOptions = {
  redis: Redis;
  run: Processor<ViewsPayload>;
  /** Told of each job when it has been taken from the queue, before it is run. */
  onTaken: (job: Job<ViewsPayload>) => void;
  /** Whether a job that ends may be replaced by another. */
  mayReplace: () => boolean;
};

/** BullMQ's worker on the queue of views, told of what it takes, and not stopped by a job that is no JSON. */
export class ViewsWorker extends Worker<ViewsPayload> {
  readonly #onTaken: (job: Job<ViewsPayload>) => void;
  readonly #mayReplace: () => boolean;

  constructor({ redis, run, onTaken, mayReplace }: ViewsWorkerOptions) {
    super(VIEWS_QUEUE.name, run, {
      connection: redis,
      prefix: VIEWS_QUEUE.prefix,
      // Asks INFO, which not every user may; the version that is needed stands in the README.
      skipVersionCheck: true,
      ...VIEWS_WORKER_TIMES,
    });
    this.#onTaken = onTaken;
    this.#mayReplace = mayReplace;
  }

  /**
   * The call to Redis that completes a job takes the next one as well. Left to itself, BullMQ compares what it has in hand with
   * a limit that falls while jobs end, and has to ask again for each of those that end together.
   */
  override processJob(job: Job<ViewsPayload>, token: string) {
    return super.processJob(job, token, this.#mayReplace);
  }

  protected override createJob(json: JobJson, jobId: string): Job<ViewsPayload> {
    const job = this.#read(json, jobId);
    this.#onTaken(job);
    return job;
  }

  #read(json: JobJson, jobId: string): Job<ViewsPayload> {
    try {
      return super.createJob(json, jobId);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return super.createJob({ ...json, data: UNREADABLE }, jobId);
    }
  }
}
