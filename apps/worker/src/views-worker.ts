import { VIEWS_QUEUE, VIEWS_WORKER_TIMES, type ViewsPayload } from "@model-views/shared/queue.ts";
import { type Job, type JobJson, type Processor, Worker } from "bullmq";
import type { Redis } from "ioredis";

/** What a job has for data whose data is no JSON: no payload of any version, so that it fails, and is kept as it is. */
const UNREADABLE = JSON.stringify("no JSON");

export type ViewsWorkerOptions = {
  redis: Redis;
  run: Processor<ViewsPayload>;
  /** Told of each job when it has been taken from the queue, before it is run. */
  onTaken: (job: Job<ViewsPayload>) => void;
};

/** BullMQ's worker on the queue of views, told of what it takes, and not stopped by a job that is no JSON. */
export class ViewsWorker extends Worker<ViewsPayload> {
  readonly #onTaken: (job: Job<ViewsPayload>) => void;

  constructor({ redis, run, onTaken }: ViewsWorkerOptions) {
    super(VIEWS_QUEUE.name, run, {
      connection: redis,
      prefix: VIEWS_QUEUE.prefix,
      // Asks INFO, which not every user may; the version that is needed stands in the README.
      skipVersionCheck: true,
      ...VIEWS_WORKER_TIMES,
    });
    this.#onTaken = onTaken;
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
