import type { FailedJob, FailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { printable } from "../printable-text.ts";
import type { Chosen } from "./settings.ts";

export type Say = (line: string) => void;

/** What every action has. */
export type ActionDeps = {
  jobs: FailedJobs;
  say: Say;
  /** Told after each job how many have been dealt with. */
  onProgress: (jobs: number) => void;
};

/** The failed jobs that are meant, the oldest first. An id that no failed job has is named. */
export async function* chosenJobs(
  { ids, since, reason }: Chosen,
  { jobs, say, onProgress }: ActionDeps,
): AsyncGenerator<FailedJob> {
  let done = 0;
  for await (const job of ids.length > 0 ? byId(ids, jobs, say) : jobs.all()) {
    const isMeant =
      (since === undefined || job.failedAt >= since) && (reason === undefined || job.reason.includes(reason));
    if (isMeant) yield job;
    done += 1;
    onProgress(done);
  }
}

async function* byId(ids: readonly string[], jobs: FailedJobs, say: Say): AsyncGenerator<FailedJob> {
  for (const id of ids) {
    const job = await jobs.get(id);
    if (job === undefined) say(`job ${printable(id)}: no failed job has this id`);
    else yield job;
  }
}
