import { readPayloadText } from "@model-views/shared/queue/read-payload.ts";
import { printable } from "../printable-text.ts";
import { type ActionDeps, chosenJobs } from "./chosen-jobs.ts";
import type { Chosen } from "./settings.ts";

/** Jobs that are put back before it is seen what became of them. */
const BATCH_JOBS = 100;
/** Milliseconds between two looks at what became of them. */
const LOOK_MS = 250;
/** Looks before those that are still on the queue count as waiting: 30 s. */
const LOOKS_MAX = 120;

export type RetryDeps = ActionDeps & {
  isDryRun: boolean;
  /** Also those that this version cannot read in whole; what is no JSON stays all the same. */
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
 * Puts failed jobs back on the queue under their ids, and says what became of them. What would only fail again is skipped
 * and named, and stays. Safe to repeat: a view counts once.
 */
export async function retryJobs(chosen: Chosen, deps: RetryDeps): Promise<Retried> {
  const { jobs, say, isDryRun, isAnyway } = deps;
  const counts = { retried: 0, recorded: 0, failedAgain: 0, waiting: 0, skipped: 0 };
  let batch: string[] = [];
  let looks = LOOKS_MAX;
  for await (const { id, text } of chosenJobs(chosen, deps)) {
    const { wrong } = readPayloadText(text);
    if (wrong !== undefined && !(isAnyway && isJson(text))) {
      counts.skipped += 1;
      say(`job ${id} is skipped, and stays: ${printable(wrong)}`);
      continue;
    }
    if (!isDryRun && !(await jobs.retry(id))) {
      say(`job ${id} is no failed job any more`);
      continue;
    }
    counts.retried += 1;
    if (isDryRun) continue;
    batch.push(id);
    if (batch.length < BATCH_JOBS) continue;
    await seeWhatBecame(batch);
    batch = [];
  }
  if (isDryRun)
    say(`${counts.retried} failed jobs would be put back on the queue, ${counts.skipped} be skipped.`);
  else {
    await seeWhatBecame(batch);
    say(
      `${counts.retried} jobs put back: ${counts.recorded} recorded, ${counts.failedAgain} failed again, ` +
        `${counts.waiting} waiting. ${counts.skipped} skipped.`,
    );
  }
  return counts;

  /** Where one batch found no worker, the next does not wait for one as long again. */
  async function seeWhatBecame(ids: readonly string[]): Promise<void> {
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
        say(`job ${id} failed again: ${printable((await jobs.get(id))?.reason ?? "")}`);
      }
    }
  }

  function statesOf(ids: readonly string[]) {
    return Promise.all(ids.map((id) => jobs.stateOf(id)));
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
