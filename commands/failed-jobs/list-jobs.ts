import { readPayloadText } from "@model-views/shared/queue/read-payload.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { printable } from "../shared/printable-text.ts";
import { type ActionDeps, selectedJobs } from "./selected-jobs.ts";
import type { Selection } from "./settings.ts";

/** Jobs that are listed one by one; the others are only counted. */
const LISTED_MAX = 100;
/** Reasons that are counted separately. */
const REASONS_MAX = 20;

/** Lists failed jobs and why they failed. Changes nothing. */
export async function listJobs(selection: Selection, deps: ActionDeps): Promise<void> {
  const { print } = deps;
  const reasons = new Map<string, number>();
  let count = 0;
  let readable = 0;
  for await (const { id, failedAt, reason, text } of selectedJobs(selection, deps)) {
    const { views } = readPayloadText(text);
    count += 1;
    readable += views.length;
    const key = reasons.has(reason) || reasons.size < REASONS_MAX ? reason : "other reasons";
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
    if (count <= LISTED_MAX)
      print(`${id}  ${failedAt.toISOString()}  ${views.length} views can be read: ${printable(reason)}`);
  }
  if (count > LISTED_MAX) {
    print(`… and ${count - LISTED_MAX} others. By reason:`);
    for (const [reason, jobs] of reasons) print(`  ${jobs}: ${printable(reason)}`);
  }
  print(`${count} failed jobs; ${readable} of their views can be read.`);
}

/**
 * Prints everything about a job: why and when it failed, and its data as it is.
 *
 * @throws {UsageError} when no failed job has this id.
 */
export async function showJob(id: string, { jobs, print }: ActionDeps): Promise<void> {
  const job = await jobs.get(id);
  if (job === undefined) throw new UsageError(`no failed job has the id ${printable(id)}`);
  const { views, wrong, isNewer } = readPayloadText(job.text);
  print(`job ${job.id} failed at ${job.failedAt.toISOString()}: ${job.reason}`);
  if (isNewer) print("it is of a later version: a newer worker can read it");
  else
    print(
      wrong === undefined
        ? `all ${views.length} views can be read`
        : `${views.length} views can be read: ${wrong}`,
    );
  print(job.text);
}
