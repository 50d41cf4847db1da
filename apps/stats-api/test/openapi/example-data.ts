import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import {
  PAYLOAD_VERSION,
  VIEWS_JOB,
  VIEWS_JOB_OPTIONS,
  VIEWS_QUEUE,
} from "@model-views/shared/contracts/views-queue.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import type { Redis } from "ioredis";
import { ANNA, BELLA, CARLA, FAILED_JOB } from "../../src/routes/example-data.ts";

const phone = { country: "DE", device: "mobile", browser: "Safari", os: "iOS" };
const desk = {
  country: "FR",
  device: "desktop",
  browser: "Chrome",
  os: "Windows",
  referrerHost: "www.example.org",
};

const views: (Omit<ViewEvent, "id"> & { id: number })[] = [
  { id: 1, modelId: ANNA, viewerIdentifier: "member 7", viewedAt: "2026-11-20T10:15:00.000Z", ...phone },
  { id: 2, modelId: ANNA, viewerIdentifier: "member 7", viewedAt: "2026-11-21T18:30:00.000Z", ...phone },
  { id: 3, modelId: ANNA, viewerIdentifier: "member 8", viewedAt: "2026-11-22T11:57:00.000Z", ...desk },
  { id: 4, modelId: BELLA, viewerIdentifier: "member 9", viewedAt: "2026-11-22T11:58:00.000Z", ...desk },
  { id: 5, modelId: BELLA, viewerIdentifier: "crawler", viewedAt: "2026-11-22T11:59:00.000Z", isBot: true },
];

/** Records what the examples of the document are about. */
export async function recordExampleData(db: Db): Promise<void> {
  await aModel(db, { id: ANNA, name: "Anna", category: "women" });
  await aModel(db, { id: BELLA, name: "Bella", category: "women" });
  await aModel(db, { id: CARLA, name: "Carla" });
  await db.$client.query("update models set created_at = '2026-01-10T08:00:00Z'");
  await recordViews(
    db.$client,
    views.map(({ id, ...view }) => ({ ...view, id: `00000000-0000-4000-8000-0000000000a${id}` })),
  );
  const refused = aView({ modelId: ANNA, viewedAt: "2026-11-22T11:50:00.000Z" });
  await rejectView(db.$client, refused, { sqlstate: "22021", message: "invalid byte sequence" });
}

/** Puts the failed job of the examples on the queue. */
export async function failExampleJob(redis: Redis): Promise<void> {
  const { id, failedAt, reason } = FAILED_JOB;
  const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;
  const at = Date.parse(failedAt);
  await redis.hset(keyOf(id), {
    name: VIEWS_JOB,
    data: JSON.stringify({ v: PAYLOAD_VERSION, views: [{ ...aView(), modelId: "no model" }] }),
    opts: JSON.stringify(VIEWS_JOB_OPTIONS),
    timestamp: String(at),
    failedReason: reason,
    finishedOn: String(at),
  });
  await redis.zadd(keyOf("failed"), at, id);
}
