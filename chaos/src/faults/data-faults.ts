import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { deleteModel } from "@model-views/db/models/delete-model.ts";
import { putModel } from "@model-views/db/models/put-model.ts";
import { databaseTime } from "@model-views/db/postgres/clocks.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { PAYLOAD_VERSION, VIEWS_JOB, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { Deletion, SentView } from "../load/ledger.ts";
import { VISITS } from "../load/visits.ts";
import { type RunFault, untilDone } from "./kit.ts";

const BATCH_VIEWS = 20;
/** Of each time, and of all times together: that many have once delayed all others. */
const LATER_JOBS = 50;
const LATER_JOBS_MAX = 5_000;

/** What PostgreSQL refuses: a NUL in a text with 22021, and a time out of its range with 22008. */
const BAD: Record<string, Partial<ViewEvent>> = {
  nul: { userAgent: "a user agent with \0 inside" },
  "year-zero": { viewedAt: "0000-01-01T00:00:00Z" },
};

/** Deletes a model while it is being viewed, and creates it again. */
export const deleteOneModel: RunFault = async ({ lab, maker, deletions }, { atMs, durationMs }) => {
  const id = maker.deletableModelIds[atMs % maker.deletableModelIds.length] ?? "";
  const deletion: Deletion = {
    modelId: id,
    beganAtMs: performance.now(),
    overAtMs: Number.POSITIVE_INFINITY,
  };
  deletions.push(deletion);
  await untilDone(() => deleteModel(lab.db, id));
  deletion.overAtMs = performance.now();
  await pause(durationMs);
  await untilDone(() => putModel(lab.db, { id, name: `model ${id}`, category: null }));
};

/** Erases a viewer whose views are being recorded. */
export const eraseOneViewer: RunFault = async ({ lab: { db }, maker, erasures }, { atMs }) => {
  const viewerIdentifier = maker.erasableViewers[atMs % maker.erasableViewers.length] ?? "";
  const { until } = await untilDone(async () =>
    eraseViewer(db.$client, viewerIdentifier, { now: await databaseTime(db.$client) }),
  );
  erasures.push({ viewerIdentifier, untilMs: until.getTime() });
};

/** Puts a batch on the queue in which one view is bad. */
export const addBadView: RunFault = async ({ maker, ledger, enqueue, aloneOnQueue }, { target }) => {
  const views = Array.from({ length: BATCH_VIEWS }, () =>
    maker.next({ nowMs: Date.now(), sentAtMs: performance.now() }),
  );
  const bad = views[Math.floor(BATCH_VIEWS / 2)];
  if (bad !== undefined) bad.isBad = true;
  for (const view of views) ledger.set(view.id, view);
  const events = views.map((view) => ({ ...eventOf(view), ...(view.isBad ? BAD[target] : {}) }));
  // With another id each time: a try that Redis stops in the middle leaves a job that is on no list.
  const payload = { v: PAYLOAD_VERSION, views: events };
  await aloneOnQueue(() => untilDone(() => enqueue(`with bad view ${bad?.id}, ${randomUUID()}`, payload)));
  for (const view of views) view.isAcknowledged = true;
};

/** Puts a job on the queue that is not one of ours: no worker can ever read it. */
export const addGarbageJob: RunFault = async ({ lab, totals, aloneOnQueue }, { atMs }) => {
  const [queue, id] = [`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}`, `garbage-${atMs}`];
  await aloneOnQueue(() =>
    untilDone(() =>
      lab.observer
        .multi()
        .hset(`${queue}:${id}`, { name: VIEWS_JOB, data: "{no JSON", timestamp: "1" })
        .lrem(`${queue}:wait`, 0, id)
        .lpush(`${queue}:wait`, id)
        .zadd(`${queue}:marker`, 0, "0")
        .exec(),
    ),
  );
  totals.garbage += 1;
};

/** Puts jobs on the queue as an ingest of a later version would: these workers cannot read them. */
export const addLaterJobs: RunFault = async ({ maker, totals, enqueue, aloneOnQueue }) => {
  for (let jobs = 0; jobs < LATER_JOBS && totals.later.size < LATER_JOBS_MAX; jobs += 1) {
    // Not in the ledger: if one is stored, the check reports it as never sent.
    const view = maker.next({ nowMs: Date.now(), sentAtMs: performance.now() });
    const payload = { v: PAYLOAD_VERSION + 1, views: [eventOf(view)] };
    await aloneOnQueue(() =>
      untilDone(async () => {
        const id = `later ${randomUUID()}`;
        totals.later.set(id, false);
        await enqueue(id, payload);
        totals.later.set(id, true);
      }),
    );
  }
};

/** As ingest puts it on the queue. */
function eventOf({ id, modelId, viewerIdentifier, viewedAtMs, ipAddress, visit }: SentView): ViewEvent {
  return {
    id,
    modelId,
    viewerIdentifier,
    viewedAt: new Date(viewedAtMs).toISOString(),
    ...(ipAddress === null ? {} : { ipAddress }),
    ...VISITS[visit]?.stored,
  };
}
