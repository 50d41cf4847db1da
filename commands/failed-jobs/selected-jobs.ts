import type { FailedJob, FailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { printable } from "../shared/printable-text.ts";
import type { Selection } from "./settings.ts";

type Print = (line: string) => void;

/** What every action needs. */
export type ActionDeps = {
  jobs: FailedJobs;
  print: Print;
  /** Called after each job with the number of jobs so far. */
  onProgress: (jobs: number) => void;
};

/** The failed jobs of the selection, the oldest first. Prints each id that no failed job has. */
export async function* selectedJobs(
  { ids, since, reason }: Selection,
  { jobs, print, onProgress }: ActionDeps,
): AsyncGenerator<FailedJob> {
  let done = 0;
  for await (const job of ids.length > 0 ? byId(ids, jobs, print) : jobs.all({ since })) {
    const isSelected =
      (since === undefined || job.failedAt >= since) && (reason === undefined || job.reason.includes(reason));
    if (isSelected) yield job;
    done += 1;
    onProgress(done);
  }
}

async function* byId(ids: readonly string[], jobs: FailedJobs, print: Print): AsyncGenerator<FailedJob> {
  for (const id of ids) {
    const job = await jobs.get(id);
    if (job === undefined) print(`job ${printable(id)}: no failed job has this id`);
    else yield job;
  }
}
