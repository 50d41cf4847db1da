import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { pruneNumbers } from "@model-views/db/maintenance/prune-numbers.ts";
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

/** New and returning viewers of each bucket, of a model or of the site, as `start new+returning`. */
async function viewers(
  api: Api,
  modelId: string | undefined,
  parameters: Record<string, string>,
): Promise<string[]> {
  const of = modelId === undefined ? "" : `/models/${modelId}`;
  const path = `/v1${of}/viewers?${new URLSearchParams(parameters)}`;
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
    const ask = async (id: string | undefined, bots: string) =>
      (await viewers(api, id, { bots, from: "2026-11-10", to: "2026-11-13" })).map((each) =>
        each.slice("2026-11-10T00 ".length),
      );
    // The site has no other model. Of what is finalized, views of bots are counted all the same.
    for (const finalize of [async () => {}, () => finalizeViewers(db.$client, { now })]) {
      await finalize();
      for (const id of [modelId, undefined]) {
        expect(await ask(id, "exclude")).toEqual(["1+0", "0+0", "2+0"]);
        expect(await ask(id, "only")).toEqual(["2+0", "1+1", "0+0"]);
        expect(await ask(id, "include")).toEqual(["2+1", "0+2", "1+1"]);
      }
    }
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

describe("GET /v1/viewers", () => {
  test("a viewer is new at the first view of any model, wherever it is stored", async ({ db, api }) => {
    const [modelId, other] = await Promise.all([aModel(db), aModel(db)]);
    await record(db, modelId, [
      "month 2026-09-10T10:00:00Z",
      "day 2026-11-05T10:00:00Z",
      "today 2026-11-22T08:10:00Z",
    ]);
    await record(db, other, [
      "month 2026-11-10T10:00:00Z",
      "day 2026-11-10T10:00:00Z",
      "new 2026-11-10T10:00:00Z",
      "new 2026-11-22T08:20:00Z",
      "today 2026-11-22T10:30:00Z",
    ]);
    const nothing = (days: string[]) => days.filter((each) => !each.endsWith("0+0"));
    const period = { from: "2026-10-10", to: "2026-11-23" };
    const hours = { from: "2026-11-22T08:00:00Z", to: "2026-11-22T11:00:00Z", interval: "hour" };
    for (const finalize of [async () => {}, () => finalizeViewers(db.$client, { now })]) {
      await finalize();
      expect(nothing(await viewers(api, undefined, period))).toEqual([
        "2026-11-05T00 1+0",
        "2026-11-10T00 1+2",
        "2026-11-22T00 1+1",
      ]);
      expect(nothing(await viewers(api, undefined, { ...period, from: "2026-11-10" }))).toEqual([
        "2026-11-10T00 1+2",
        "2026-11-22T00 1+1",
      ]);
      expect(await viewers(api, undefined, hours)).toEqual([
        "2026-11-22T08 1+1",
        "2026-11-22T09 0+0",
        "2026-11-22T10 0+1",
      ]);
    }
    // A view that is recorded later may be the first one.
    await record(db, modelId, ["new 2026-11-05T11:00:00Z", "today 2026-11-10T11:00:00Z"]);
    expect(nothing(await viewers(api, undefined, period))).toEqual([
      "2026-11-05T00 2+0",
      "2026-11-10T00 1+3",
      "2026-11-22T00 0+2",
    ]);
  });

  test("behind retention it is known who is new, but for parts of days", async ({ db, api }) => {
    const [modelId, other] = await Promise.all([aModel(db), aModel(db)]);
    await record(db, modelId, [
      "gone 2026-07-15T10:00:00Z",
      "known 2026-07-15T10:00:00Z",
      "new 2026-08-20T10:00:00Z",
    ]);
    await record(db, other, [
      "other 2026-07-15T10:00:00Z",
      "known 2026-07-20T10:00:00Z",
      "known 2026-08-20T10:00:00Z",
    ]);
    const viewed = async (parameters: Record<string, string> = {}) =>
      (await viewers(api, undefined, { from: "2026-07-01", to: "2026-08-23", ...parameters })).filter(
        (each) => !each.endsWith("0+0"),
      );
    await finalizeViewers(db.$client, { now });
    const retention = { now, retentionDays: 112 };
    expect((await dropExpiredPartitions(db.$client, retention)).months).toEqual(["2026-07"]);
    await pruneViewers(db.$client, retention);
    await pruneNumbers(db.$client);
    await record(db, modelId, ["gone 2026-08-22T10:00:00Z"]);
    const after = ["2026-07-20T00 0+1", "2026-08-20T00 1+1", "2026-08-22T00 1+0"];
    expect(await viewed()).toEqual(["2026-07-15T00 3+0", ...after]);
    expect(await viewed({ interval: "month" })).toEqual(["2026-07-01T00 3+0", "2026-08-01T00 2+1"]);
    // Which viewers of a day in UTC are of which day in Berlin is not stored, but all of them were there before August.
    expect(await viewed({ tz: "Europe/Berlin" })).toEqual([
      "2026-07-14T22 null+null",
      "2026-07-15T22 null+null",
      "2026-07-19T22 null+null",
      "2026-07-20T22 null+null",
      "2026-08-19T22 1+1",
      "2026-08-21T22 1+0",
    ]);
    // Until the day is finalized anew, it is not known who viewed the models that are left.
    await db.$client.query("delete from models where id = $1", [modelId]);
    await record(db, other, ["known 2026-08-22T10:00:00Z"]);
    const ofAugust = await viewed({ from: "2026-08-20" });
    expect(ofAugust).toHaveLength(3);
    expect(ofAugust.every((each) => each.endsWith(" null+null"))).toBe(true);
    await finalizeViewers(db.$client, { now });
    expect(await viewed()).toEqual([
      "2026-07-15T00 1+0",
      "2026-07-20T00 1+0",
      "2026-08-20T00 0+1",
      "2026-08-22T00 0+1",
    ]);
  });

  test("an erased viewer is new when they come back", async ({ db, api }) => {
    const [modelId, other] = await Promise.all([aModel(db), aModel(db)]);
    await record(db, modelId, ["a 2026-11-19T10:00:00Z", "b 2026-11-19T10:00:00Z"]);
    await finalizeViewers(db.$client, { now });
    await eraseViewer(db.$client, "a", { now: new Date("2026-11-20T00:00:00Z") });
    await record(db, other, ["a 2026-11-21T10:00:00Z", "b 2026-11-21T10:00:00Z"]);
    expect(await viewers(api, undefined, { from: "2026-11-19", to: "2026-11-22" })).toEqual([
      "2026-11-19T00 1+0",
      "2026-11-20T00 0+0",
      "2026-11-21T00 1+1",
    ]);
  });
});
