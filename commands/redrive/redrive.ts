import { randomUUID } from "node:crypto";
import type { Db } from "@model-views/db/postgres/connect.ts";
import {
  type RejectedFilter,
  redriveToQueue,
  rejectedViews,
  type UnreadableView,
} from "@model-views/db/rejected/redrive-to-queue.ts";
import { type Became, whatBecameOf } from "@model-views/db/rejected/what-became.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { PAYLOAD_VERSION } from "@model-views/shared/contracts/views-queue.ts";
import type { Enqueue } from "@model-views/shared/queue/enqueue.ts";
import { printable } from "../printable-text.ts";

/** Milliseconds between two looks at what became of a batch. */
const LOOK_MS = 250;
/** Looks at one batch before it counts as waiting: 30 s. */
const LOOKS_MAX = 120;

type Say = (line: string) => void;

/** Says which rejected views are meant, and why each was rejected. Changes nothing. */
export async function listRejected({ $client: pool }: Db, filter: RejectedFilter, say: Say): Promise<void> {
  let count = 0;
  for await (const batch of rejectedViews(pool, filter)) {
    for (const rejected of batch) {
      if ("unreadable" in rejected) say(`${named(rejected)}: ${unreadableInWords(rejected)}`);
      else {
        count += 1;
        say(`${named(rejected.view)}: ${rejected.sqlstate ?? rejected.reason}`);
      }
    }
  }
  say(`${count} rejected views would be put back on the queue.`);
}

export type ReplayDeps = { enqueue: Enqueue; say: Say; wait: (ms: number) => Promise<unknown> };

/**
 * Puts the rejected views that are meant back on the queue, batch by batch, and says what became of each. One that cannot be
 * read is named and stays.
 */
export async function replayAll(
  { $client: pool }: Db,
  filter: RejectedFilter,
  deps: ReplayDeps,
): Promise<{ replayed: number; unreadable: number }> {
  const { enqueue, say, wait } = deps;
  const counts = { stored: 0, rejected: 0, missing: 0 };
  let unreadable = 0;
  const put = async (views: ViewEvent[]) => {
    await enqueue({ jobId: randomUUID(), payload: { v: PAYLOAD_VERSION, views } });
  };
  // Where the first batch found no worker, the next does not wait for one as long again.
  let looks = LOOKS_MAX;
  for await (const batch of redriveToQueue(pool, filter, put)) {
    const views: ViewEvent[] = [];
    for (const rejected of batch) {
      if ("unreadable" in rejected) {
        unreadable += 1;
        say(`${named(rejected)}: ${unreadableInWords(rejected)}`);
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
      say(`${named(view)}: ${inWords(what)}`);
    }
  }
  const total = counts.stored + counts.rejected + counts.missing;
  say(
    `${total} views replayed: ${counts.stored} stored, ${counts.rejected} rejected again, ${counts.missing} waiting.`,
  );
  if (unreadable > 0) say(`${unreadable} could not be read, and stay in rejected_views.`);
  return { replayed: total, unreadable };
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
