import { readPayloadText } from "@model-views/shared/queue/read-payload.ts";
import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { printable } from "../printable-text.ts";
import { type ActionDeps, chosenJobs } from "./chosen-jobs.ts";
import type { Chosen } from "./settings.ts";

/** Jobs that are listed one by one; the others are counted. */
const LISTED_MAX = 100;
/** Reasons that are counted each on its own. */
const REASONS_MAX = 20;

/** Says which failed jobs there are and why they failed. Changes nothing. */
export async function listJobs(chosen: Chosen, deps: ActionDeps): Promise<void> {
  const { say } = deps;
  const reasons = new Map<string, number>();
  let count = 0;
  let readable = 0;
  for await (const { id, failedAt, reason, text } of chosenJobs(chosen, deps)) {
    const { views } = readPayloadText(text);
    count += 1;
    readable += views.length;
    const key = reasons.has(reason) || reasons.size < REASONS_MAX ? reason : "other reasons";
    reasons.set(key, (reasons.get(key) ?? 0) + 1);
    if (count <= LISTED_MAX)
      say(`${id}  ${failedAt.toISOString()}  ${views.length} views can be read: ${printable(reason)}`);
  }
  if (count > LISTED_MAX) {
    say(`… and ${count - LISTED_MAX} others. By reason:`);
    for (const [reason, jobs] of reasons) say(`  ${jobs}: ${printable(reason)}`);
  }
  say(`${count} failed jobs; ${readable} of their views can be read.`);
}

/**
 * Says all that is kept of a job: why and when it failed, and its data as it is.
 *
 * @throws {UsageError} when no failed job has this id.
 */
export async function showJob(id: string, { jobs, say }: ActionDeps): Promise<void> {
  const job = await jobs.get(id);
  if (job === undefined) throw new UsageError(`no failed job has the id ${printable(id)}`);
  const { views, wrong, isNewer } = readPayloadText(job.text);
  say(`job ${job.id} failed at ${job.failedAt.toISOString()}: ${job.reason}`);
  if (isNewer) say("it is of a later version: a newer worker understands it");
  else
    say(
      wrong === undefined
        ? `all ${views.length} views can be read`
        : `${views.length} views can be read: ${wrong}`,
    );
  say(job.text);
}
