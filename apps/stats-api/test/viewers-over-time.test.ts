import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { pruneViewers } from "@model-views/db/maintenance/prune-viewers.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { viewersOverTimeAnswerSchema } from "@model-views/shared/contracts/viewers-over-time.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { type Api, now, test } from "./api.ts";

/** Records views given as `viewer time`, those of bots as `viewer time bot`. */
async function record(db: Db, modelId: string, views: readonly string[]): Promise<void> {
  const events = views.map((each) => {
    const [viewerIdentifier = "", viewedAt = "", bot] = each.split(" ");
    return aView({ modelId, viewerIdentifier, viewedAt, ...(bot === undefined ? {} : { isBot: true }) });
  });
  await recordViews(db.$client, events);
}

/** New and returning viewers of each bucket, as `start new+returning`. */
async function viewers(api: Api, modelId: string, parameters: Record<string, string>): Promise<string[]> {
  const path = `/v1/models/${modelId}/viewers?${new URLSearchParams(parameters)}`;
  const { items } = viewersOverTimeAnswerSchema.parse(await api.json(path));
  return items.map(
    ({ start, newViewers, returningViewers }) =>
      `${start.replace(":00:00.000Z", "")} ${newViewers}+${returningViewers}`,
  );
}

describe("GET /v1/models/:modelId/viewers", () => {
  test("a viewer is new in the bucket of the first view, and returning in every other", async ({
    db,
    api,
  }) => {
    const [modelId, other] = await Promise.all([aModel(db), aModel(db)]);
    await record(db, other, ["b 2026-11-01T10:00:00Z"]);
    await record(db, modelId, [
      "a 2026-11-10T10:00:00Z",
      "a 2026-11-10T11:00:00Z",
      "a 2026-11-12T10:00:00Z",
      "b 2026-11-12T10:00:00Z",
    ]);
    const days = { from: "2026-11-10", to: "2026-11-13" };
    expect(await viewers(api, modelId, days)).toEqual([
      "2026-11-10T00 1+0",
      "2026-11-11T00 0+0",
      "2026-11-12T00 1+1",
    ]);
    // A view that is recorded later may be the first one.
    await record(db, modelId, ["b 2026-11-11T23:59:59.999Z"]);
    expect(await viewers(api, modelId, days)).toEqual([
      "2026-11-10T00 1+0",
      "2026-11-11T00 1+0",
      "2026-11-12T00 0+2",
    ]);
    expect(await viewers(api, modelId, { ...days, tz: "Asia/Kathmandu", from: "2026-11-11" })).toEqual([
      "2026-11-10T18:15:00.000Z 0+0",
      "2026-11-11T18:15:00.000Z 1+1",
    ]);
    expect(await viewers(api, modelId, { ...days, interval: "week" })).toEqual(["2026-11-09T00 2+0"]);
  });

  test("in a bucket that the period cuts, a viewer with a view in the other part is not new", async ({
    db,
    api,
  }) => {
    const modelId = await aModel(db);
    await record(db, modelId, [
      "a 2026-11-10T08:00:00Z",
      "a 2026-11-10T14:00:00Z",
      "b 2026-11-10T12:00:00Z",
      "c 2026-11-11T11:59:59.999Z",
      "d 2026-11-11T12:00:00Z",
    ]);
    const period = { from: "2026-11-10T12:00:00Z", to: "2026-11-11T12:00:00Z" };
    expect(await viewers(api, modelId, period)).toEqual(["2026-11-10T00 1+1", "2026-11-11T00 1+0"]);
  });

  test("bots count when asked for: only among bots, or among all viewers", async ({ db, api }) => {
    const modelId = await aModel(db);
    await record(db, modelId, [
      "both 2026-11-09T10:00:00Z bot",
      "both 2026-11-10T10:00:00Z",
      "both 2026-11-11T10:00:00Z bot",
      "bot 2026-11-10T10:00:00Z bot",
      "later 2026-11-10T10:00:00Z bot",
      "later 2026-11-12T10:00:00Z",
      "person 2026-11-12T10:00:00Z",
      "early 2026-11-01T10:00:00Z",
      "early 2026-11-11T10:00:00Z bot",
    ]);
    const of = async (bots: string) =>
      (await viewers(api, modelId, { bots, from: "2026-11-10", to: "2026-11-13" })).map((each) =>
        each.slice("2026-11-10T00 ".length),
      );
    expect(await of("exclude")).toEqual(["1+0", "0+0", "2+0"]);
    expect(await of("only")).toEqual(["2+0", "1+1", "0+0"]);
    expect(await of("include")).toEqual(["2+1", "0+2", "1+1"]);
  });

  test("a bucket with removed views is null, and a pruned viewer comes back as new", async ({ db, api }) => {
    const modelId = await aModel(db);
    await record(db, modelId, [
      "gone 2026-07-31T22:00:00Z",
      "known 2026-07-31T22:00:00Z",
      "known 2026-08-01T10:00:00Z",
    ]);
    const retention = { now, retentionDays: 112 };
    expect((await dropExpiredPartitions(db.$client, retention)).months).toEqual(["2026-07"]);
    await pruneViewers(db.$client, retention);
    await record(db, modelId, ["gone 2026-08-02T10:00:00Z"]);
    const days = { from: "2026-07-30", to: "2026-08-03" };
    expect(await viewers(api, modelId, days)).toEqual([
      "2026-07-30T00 0+0",
      "2026-07-31T00 null+null",
      "2026-08-01T00 0+1",
      "2026-08-02T00 1+0",
    ]);
    // How many views of the 31st, UTC, are in Berlin's 1 August is not stored.
    expect(await viewers(api, modelId, { ...days, tz: "Europe/Berlin" })).toEqual([
      "2026-07-29T22 0+0",
      "2026-07-30T22 null+null",
      "2026-07-31T22 null+null",
      "2026-08-01T22 1+0",
    ]);
    // Whether there were bots on a day of July is not stored.
    expect(await viewers(api, modelId, { ...days, bots: "include" })).toEqual([
      "2026-07-30T00 null+null",
      "2026-07-31T00 null+null",
      "2026-08-01T00 0+1",
      "2026-08-02T00 1+0",
    ]);
  });

  test("an erased viewer is in no bucket, and new when they come back", async ({ db, api }) => {
    const modelId = await aModel(db);
    await record(db, modelId, ["a 2026-11-20T10:00:00Z", "b 2026-11-20T10:00:00Z"]);
    await eraseViewer(db.$client, "a", { now: new Date("2026-11-21T00:00:00Z") });
    await record(db, modelId, ["a 2026-11-21T10:00:00Z", "b 2026-11-21T10:00:00Z"]);
    expect(await viewers(api, modelId, { from: "2026-11-20", to: "2026-11-22" })).toEqual([
      "2026-11-20T00 1+0",
      "2026-11-21T00 1+1",
    ]);
  });

  test("is CSV with format=csv", async ({ db, api }) => {
    const modelId = await aModel(db);
    await record(db, modelId, ["a 2026-11-20T10:00:00Z"]);
    const path = `/v1/models/${modelId}/viewers?from=2026-11-20&to=2026-11-21`;
    const response = await api.ask(`${path}&format=csv`);
    expect(await response.text()).toBe(
      "start,newViewers,returningViewers\r\n2026-11-20T00:00:00.000Z,1,0\r\n",
    );
    expect(await api.json(path)).toEqual({
      modelId,
      interval: "day",
      tz: "UTC",
      from: "2026-11-20T00:00:00.000Z",
      to: "2026-11-21T00:00:00.000Z",
      items: [{ start: "2026-11-20T00:00:00.000Z", newViewers: 1, returningViewers: 0 }],
      asOf: now.toISOString(),
    });
  });

  test("a model that does not exist is a 404, and a wrong parameter is named", async ({ db, api }) => {
    expect((await api.ask(`/v1/models/${aView().modelId}/viewers`)).status).toBe(404);
    const modelId = await aModel(db);
    for (const [parameters, path] of [
      ["interval=minute", "interval"],
      ["interval=hour&from=2026-01-01", "interval"],
      ["tz=Mars/Olympus", "tz"],
      ["from=2026-11-20&to=2026-11-20", "from"],
      ["compare=previous", "compare"],
    ]) {
      const response = await api.ask(`/v1/models/${modelId}/viewers?${parameters}`);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ path }] });
    }
  });
});
