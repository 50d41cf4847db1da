import {
  VIEWS_QUEUE,
  VIEWS_WORKER_TIMES,
  type ViewsPayload,
} from "@model-views/shared/contracts/views-queue.ts";
import { type Job, type JobJson, type Processor, Worker } from "bullmq";
import type { Redis } from "ioredis";

/** Replaces data that is not JSON. It is no payload of any version, so the job fails and is kept. */
const UNREADABLE = JSON.stringify("no JSON");

export type ViewsWorkerOptions = {
  redis: Redis;
  run: Processor<ViewsPayload>;
  /** Called for each job when it was taken from the queue, before it runs. */
  onTaken: (job: Job<ViewsPayload>) => void;
  /** Whether a job that ends may be replaced by the next one. */
  mayReplace: () => boolean;
};

/** BullMQ's worker on the views queue. Reports the jobs that it takes, and survives jobs that are not JSON. */
export class ViewsWorker extends Worker<ViewsPayload> {
  readonly #onTaken: (job: Job<ViewsPayload>) => void;
  readonly #mayReplace: () => boolean;

  constructor({ redis, run, onTaken, mayReplace }: ViewsWorkerOptions) {
    super(VIEWS_QUEUE.name, run, {
      connection: redis,
      prefix: VIEWS_QUEUE.prefix,
      // The check needs INFO, which some users may not call. docs/databases.md names the version that is needed.
      skipVersionCheck: true,
      ...VIEWS_WORKER_TIMES,
    });
    this.#onTaken = onTaken;
    this.#mayReplace = mayReplace;
  }

  /**
   * The call to Redis that completes a job takes the next one as well. By default, BullMQ compares its jobs with a limit
   * that falls while jobs end, and asks again for each of the jobs that end together.
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
