import { wouldFailAgain } from "@model-views/shared/queue/read-payload.ts";
import { printable } from "../shared/printable-text.ts";
import { type ActionDeps, selectedJobs } from "./selected-jobs.ts";
import type { Selection } from "./settings.ts";

/** Jobs that are put back together, before their results are awaited. */
const BATCH_JOBS = 100;
/** Milliseconds between two looks at their states. */
const LOOK_MS = 250;
/** Looks before those that are still on the queue count as waiting: 30 s. */
const LOOKS_MAX = 120;

export type RetryDeps = ActionDeps & {
  isDryRun: boolean;
  /** Also jobs that this version cannot read completely; one that is not JSON still stays. */
  isAnyway: boolean;
  wait: (ms: number) => Promise<unknown>;
};

export type Retried = {
  retried: number;
  recorded: number;
  failedAgain: number;
  waiting: number;
  skipped: number;
};

/**
 * Puts failed jobs back on the queue under their ids, and prints what became of them. A job that would only fail again is
 * printed, and stays. Safe to repeat: a view counts once.
 */
export async function retryJobs(selection: Selection, deps: RetryDeps): Promise<Retried> {
  const { jobs, print, isDryRun, isAnyway } = deps;
  const counts = { retried: 0, recorded: 0, failedAgain: 0, waiting: 0, skipped: 0 };
  let batch: string[] = [];
  let looks = LOOKS_MAX;
  for await (const { id, text } of selectedJobs(selection, deps)) {
    const wrong = wouldFailAgain(text, { isAnyway });
    if (wrong !== undefined) {
      counts.skipped += 1;
      print(`job ${id} is skipped, and stays: ${printable(wrong)}`);
      continue;
    }
    if (!isDryRun && !(await jobs.retry(id))) {
      print(`job ${id} has not failed any more`);
      continue;
    }
    counts.retried += 1;
    if (isDryRun) continue;
    batch.push(id);
    if (batch.length < BATCH_JOBS) continue;
    await awaitResults(batch);
    batch = [];
  }
  if (isDryRun)
    print(`${counts.retried} failed jobs would be put back on the queue, ${counts.skipped} be skipped.`);
  else {
    await awaitResults(batch);
    print(
      `${counts.retried} jobs put back: ${counts.recorded} recorded, ${counts.failedAgain} failed again, ` +
        `${counts.waiting} waiting. ${counts.skipped} skipped.`,
    );
  }
  return counts;

  /** Where no worker took one batch, the next does not wait as long again. */
  async function awaitResults(ids: readonly string[]): Promise<void> {
    let states = await statesOf(ids);
    for (; looks > 0 && states.includes("waiting"); looks -= 1) {
      await deps.wait(LOOK_MS);
      states = await statesOf(ids);
    }
    if (!states.includes("waiting")) looks = LOOKS_MAX;
    for (const [index, id] of ids.entries()) {
      const state = states[index];
      if (state === "gone") counts.recorded += 1;
      else if (state === "waiting") counts.waiting += 1;
      else {
        counts.failedAgain += 1;
        print(`job ${id} failed again: ${printable((await jobs.get(id))?.reason ?? "")}`);
      }
    }
  }

  function statesOf(ids: readonly string[]) {
    return Promise.all(ids.map((id) => jobs.stateOf(id)));
  }
}
