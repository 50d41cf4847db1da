import { dropExpiredPartitions } from "@model-views/db/maintenance/drop-expired-partitions.ts";
import { finalizeViewers } from "@model-views/db/maintenance/finalize-viewers.ts";
import { ensureMonthPartitions } from "@model-views/db/migrate/partitions.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { now, test } from "./api.ts";

const modelId = "00000000-0000-4000-8000-00000000000a";
const viewers = [
  ["one", "2026-06-01T10:00:00Z"],
  ["one", "2026-06-01T11:00:00Z"],
  ["two", "2026-06-01T12:00:00Z"],
  ["one", "2026-06-02T10:00:00Z"],
] as const;

describe("viewers of days that were finalized before retention removed their views", () => {
  test.for([
    ["a day of a model", `/v1/models/${modelId}/timeseries?from=2026-06-01&to=2026-06-02`, [2]],
    ["its days", `/v1/models/${modelId}/timeseries?from=2026-06-01&to=2026-06-03`, [2, 1]],
    ["its week", `/v1/models/${modelId}/timeseries?from=2026-06-01&to=2026-06-08&interval=week`, [2]],
    ["its month", `/v1/models/${modelId}/timeseries?from=2026-06-01&to=2026-07-01&interval=month`, [2]],
    ["the site's days", "/v1/timeseries?from=2026-06-01&to=2026-06-03", [2, 1]],
    ["the site's month", "/v1/timeseries?from=2026-06-01&to=2026-07-01&interval=month", [2]],
    ["statistics of a day", `/v1/models/stats?ids=${modelId}&from=2026-06-01&to=2026-06-02`, [2]],
    ["statistics of a month", `/v1/models/stats?ids=${modelId}&from=2026-06-01&to=2026-07-01`, [2]],
    ["a month's top list", "/v1/models/top?sort=unique&from=2026-06-01&to=2026-07-01", [2]],
    ["a part of the month", `/v1/models/stats?ids=${modelId}&from=2026-06-01&to=2026-06-03`, [null]],
    ["days of another time zone", `/v1/timeseries?from=2026-06-01&to=2026-06-02&tz=Europe/Berlin`, [null]],
  ] as const)("are still known: %s", async ([, path, expected], { db, api }) => {
    await ensureMonthPartitions(db.$client, { now, monthsBack: 6 });
    await aModel(db, { id: modelId });
    await recordViews(
      db.$client,
      viewers.map(([viewerIdentifier, viewedAt]) => aView({ modelId, viewerIdentifier, viewedAt })),
    );
    await finalizeViewers(db.$client, { now });
    expect(await dropExpiredPartitions(db.$client, { now, retentionDays: 90 })).toMatchObject({ views: 4 });
    const { items } = (await api.json(path)) as { items: { uniqueViews: number | null }[] };
    expect(items.map(({ uniqueViews }) => uniqueViews)).toEqual(expected);
  });

  test("are not known as new or returning", async ({ db, api }) => {
    await ensureMonthPartitions(db.$client, { now, monthsBack: 6 });
    await aModel(db, { id: modelId });
    await recordViews(db.$client, [aView({ modelId, viewedAt: "2026-06-01T10:00:00Z" })]);
    await finalizeViewers(db.$client, { now });
    await dropExpiredPartitions(db.$client, { now, retentionDays: 90 });
    expect(await api.json(`/v1/models/${modelId}/viewers?from=2026-06-01&to=2026-06-03`)).toMatchObject({
      items: [
        { newViewers: null, returningViewers: null },
        { newViewers: 0, returningViewers: 0 },
      ],
    });
  });
});
