import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { type Api, now, test } from "./api.ts";

const DAY_MS = 86_400_000;

/** Models with their views, all of them so many days before `now`. */
const MODELS = [
  { name: "8 views, 6 days ago", views: 8, days: 6 },
  { name: "3 views, 2 days ago", views: 3, days: 2 },
  { name: "1 view now", views: 1, days: 0 },
  { name: "90 views, 29 days ago", views: 90, days: 29 },
];

async function viewed(db: Db): Promise<void> {
  for (const { name, views, days } of MODELS) {
    const modelId = await aModel(db, { name });
    const viewedAt = new Date(now.getTime() - days * DAY_MS).toISOString();
    await recordViews(
      db.$client,
      Array.from({ length: views }, () => aView({ modelId, viewedAt })),
    );
  }
}

async function names(api: Api, parameters: Record<string, string>): Promise<string[]> {
  const answer = await api.json(`/v1/models/top?${new URLSearchParams({ sort: "trending", ...parameters })}`);
  return (answer as { items: { name: string }[] }).items.map(({ name }) => name.split(",")[0] ?? "");
}

describe("GET /v1/models/top?sort=trending&halfLifeDays=", () => {
  test.for([
    // 8 / 2^3, 3 / 2^1, 1, 90 / 2^14.5
    ["2", ["3 views", "1 view now", "8 views", "90 views"]],
    // 8 / 2^0.2, 3 / 2^0.07, 1, 90 / 2^0.97
    ["30", ["90 views", "8 views", "3 views", "1 view now"]],
    // 8 / 2^1.71, 3 / 2^0.57, 1, 90 / 2^8.29
    ["3.5", ["8 views", "3 views", "1 view now", "90 views"]],
    // Powers too small for a number: 2^-2900.
    ["0.01", ["1 view now", "3 views", "8 views", "90 views"]],
  ] as const)("%s", async ([halfLifeDays, expected], { db, api }) => {
    await viewed(db);
    const order = (list: readonly string[]) =>
      // 8 / 2^3 is 1 as well: their ids decide which of the two is first.
      halfLifeDays === "2" ? [list[0], list.slice(1, 3).toSorted(), list[3]] : list;
    expect(order(await names(api, { halfLifeDays }))).toEqual(order(expected));
    // A period that ends a millisecond after the last view, so that this is in it.
    const to = new Date(now.getTime() + 1).toISOString();
    expect(order(await names(api, { halfLifeDays, from: "2026-10-01", to }))).toEqual(order(expected));
  });

  test("leaves out models whose last view is more than 30 days ago, and breaks ties by model id", async ({
    db,
    api,
  }) => {
    const ids = await Promise.all(Array.from({ length: 8 }, () => aModel(db)));
    const long = await aModel(db);
    await recordViews(db.$client, [
      ...ids.map((modelId) => aView({ modelId, viewedAt: new Date(now.getTime() - DAY_MS).toISOString() })),
      aView({ modelId: long, viewedAt: new Date(now.getTime() - 31 * DAY_MS).toISOString() }),
    ]);
    const answer = await api.json("/v1/models/top?sort=trending&halfLifeDays=365");
    expect((answer as { items: { modelId: string }[] }).items.map(({ modelId }) => modelId)).toEqual(
      ids.toSorted(),
    );
  });

  test.for(["0", "0.0", "-1", "366", "365.1", "week", "1e1", "", "Infinity"])(
    "%j is refused, and the parameter is named",
    async (halfLifeDays, { api }) => {
      const response = await api.ask(
        `/v1/models/top?${new URLSearchParams({ sort: "trending", halfLifeDays })}`,
      );
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ path: "halfLifeDays" }] });
    },
  );

  test.for(["", "sort=total&", "sort=unique&", "sort=unique&from=2026-11-01&"])(
    "with %j it is refused, and the parameter is named",
    async (parameters, { api }) => {
      const response = await api.ask(`/v1/models/top?${parameters}halfLifeDays=7`);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ path: "halfLifeDays" }] });
    },
  );
});

describe("GET /v1/models/top?sort=hot and rising", () => {
  test.for([
    ["sort=hot&from=2026-11-01", "from"],
    ["sort=rising&to=2026-11-01", "to"],
    ["sort=hot&bots=include", "bots"],
    ["sort=rising&country=DE", "country"],
    ["sort=rising&bots=only", "bots"],
    ["sort=hot&halfLife=2d", "halfLife"],
    ["sort=rising&halfLife=1d", "halfLife"],
    ["halfLife=1d", "halfLife"],
    ["sort=hot&halfLifeDays=1", "halfLifeDays"],
  ] as const)("%s is refused, and %s is named", async ([parameters, path], { api }) => {
    const response = await api.ask(`/v1/models/top?${parameters}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path }] });
  });
});
