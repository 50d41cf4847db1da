import type { Db } from "@model-views/db/postgres/connect.ts";
import {
  type RejectedFilter,
  redriveToQueue,
  rejectedViews,
  type UnreadableView,
} from "@model-views/db/rejected/redrive-to-queue.ts";
import { type Became, whatBecameOf } from "@model-views/db/rejected/what-became.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { type Enqueue, enqueueAsNewJob } from "@model-views/shared/queue/enqueue.ts";
import { printable } from "../shared/printable-text.ts";

/** Milliseconds between two looks at what became of a batch. */
const LOOK_MS = 250;
/** Looks at one batch before its views count as waiting: 30 s. */
const LOOKS_MAX = 120;

type Print = (line: string) => void;

/** Lists the rejected views of the filter, and why each was rejected. Changes nothing. */
export async function listRejected(
  { $client: pool }: Db,
  filter: RejectedFilter,
  print: Print,
): Promise<void> {
  let count = 0;
  for await (const batch of rejectedViews(pool, filter)) {
    for (const rejected of batch) {
      if ("unreadable" in rejected) print(`${named(rejected)}: ${unreadableInWords(rejected)}`);
      else {
        count += 1;
        print(`${named(rejected.view)}: ${rejected.sqlstate ?? rejected.reason}`);
      }
    }
  }
  print(`${count} rejected views would be put back on the queue.`);
}

export type RedriveDeps = { enqueue: Enqueue; print: Print; wait: (ms: number) => Promise<unknown> };

/**
 * Puts the rejected views of the filter back on the queue, batch by batch, and prints what became of each. A view that cannot
 * be read is listed and stays.
 */
export async function redriveAll(
  { $client: pool }: Db,
  filter: RejectedFilter,
  deps: RedriveDeps,
): Promise<{ redriven: number; unreadable: number }> {
  const { enqueue, print, wait } = deps;
  const counts = { stored: 0, rejected: 0, missing: 0 };
  let unreadable = 0;
  const put = (views: ViewEvent[]) => enqueueAsNewJob(enqueue, views);
  // Where no worker took the first batch, the next does not wait as long again.
  let looks = LOOKS_MAX;
  for await (const batch of redriveToQueue(pool, filter, put)) {
    const views: ViewEvent[] = [];
    for (const rejected of batch) {
      if ("unreadable" in rejected) {
        unreadable += 1;
        print(`${named(rejected)}: ${unreadableInWords(rejected)}`);
      } else views.push(rejected.view);
    }
    let became = await whatBecameOf(pool, views);
    for (; looks > 0 && became.some(({ result }) => result === "missing"); looks -= 1) {
      await wait(LOOK_MS);
      became = await whatBecameOf(pool, views);
    }
    if (became.every(({ result }) => result !== "missing")) looks = LOOKS_MAX;
    for (const [index, view] of views.entries()) {
      const what = became[index] ?? { result: "missing" };
      counts[what.result] += 1;
      print(`${named(view)}: ${inWords(what)}`);
    }
  }
  const total = counts.stored + counts.rejected + counts.missing;
  print(
    `${total} views redriven: ${counts.stored} stored, ${counts.rejected} rejected again, ${counts.missing} waiting.`,
  );
  if (unreadable > 0) print(`${unreadable} could not be read, and stay in rejected_views.`);
  return { redriven: total, unreadable };
}

function named({ id, modelId, viewedAt }: Pick<ViewEvent, "id" | "modelId" | "viewedAt">): string {
  return `view ${id} of model ${modelId} at ${viewedAt}`;
}

function unreadableInWords({ unreadable }: UnreadableView): string {
  return `cannot be read, and stays: ${printable(unreadable)}`;
}

function inWords(became: Became): string {
  if (became.result === "rejected") return `rejected again: ${became.reason}`;
  return became.result === "stored" ? "stored" : "waiting on the queue";
}
