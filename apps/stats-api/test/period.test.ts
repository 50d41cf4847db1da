import { recordViews } from "@model-views/db/recording/record-views.ts";
import { breakdownAnswerSchema } from "@model-views/shared/contracts/breakdown.ts";
import { timeseriesAnswerSchema } from "@model-views/shared/contracts/timeseries.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { type Api, now, test } from "./api.ts";

const series = async (api: Api, path: string) => timeseriesAnswerSchema.parse(await api.json(path));
const query = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();

/** A clock's reading in a time zone: `2026-11-22 Sun 12:00`. */
function clock(instant: string, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(new Date(instant));
  const part = (type: string) => parts.find((each) => each.type === type)?.value;
  return `${part("year")}-${part("month")}-${part("day")} ${part("weekday")} ${part("hour")}:${part("minute")}`;
}

/** How the clock shows the start of a bucket. */
const STARTS = {
  hour: /:(00|15|30|45)$/,
  day: / 00:00$/,
  week: / Mon 00:00$/,
  month: /-01 \w+ 00:00$/,
};

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide"];

describe("GET /v1/models/:modelId/timeseries", () => {
  test("equals a count in JavaScript, for random views, in any time zone, across changes of the clock", async ({
    db,
    api,
  }) => {
    const instant = fc
      .integer({ min: Date.parse("2026-10-20T00:00:00Z"), max: Date.parse("2026-11-05T00:00:00Z") })
      .map((ms) => new Date(ms).toISOString());
    const run = fc.record({
      times: fc.array(fc.tuple(instant, fc.integer({ min: 1, max: 4 }), fc.boolean()), { maxLength: 60 }),
      ends: fc.tuple(instant, instant).filter(([one, other]) => one !== other),
      tz: fc.constantFrom(...ZONES),
      interval: fc.constantFrom("hour", "day", "week", "month"),
      bots: fc.constantFrom("exclude", "include", "only"),
    });
    await fc.assert(
      fc.asyncProperty(run, async ({ times, ends, tz, interval, bots }) => {
        const modelId = await aModel(db);
        const views = times.map(([viewedAt, viewer, isBot]) =>
          aView({ modelId, viewedAt, viewerIdentifier: `viewer ${viewer}`, ...(isBot ? { isBot } : {}) }),
        );
        if (views.length > 0) await recordViews(db.$client, [...views, ...views.slice(0, 3)]);
        const [from = "", to = ""] = [...ends].sort();
        const { items } = await series(
          api,
          `/v1/models/${modelId}/timeseries?${query({ from, to, tz, interval, bots })}`,
        );
        const starts = items.map(({ start }) => start);
        expect(starts).toEqual([...new Set(starts)].sort());
        for (const start of starts) expect(clock(start, tz)).toMatch(STARTS[interval as keyof typeof STARTS]);
        expect((starts[0] ?? "") <= from).toBe(true);
        expect(items).toEqual(plainCount(views, { from, to, bots, starts }));
      }),
      { numRuns: 60 },
    );
  });

  test("has every bucket, also where the clock changes and where nothing was viewed", async ({ db, api }) => {
    const modelId = await aModel(db);
    const count = async (parameters: Record<string, string>) => {
      const { items } = await series(api, `/v1/models/${modelId}/timeseries?${query(parameters)}`);
      return items.length;
    };
    const berlin = { tz: "Europe/Berlin" };
    // The night to 25 October has 25 hours there, that to 29 March 23.
    expect(await count({ ...berlin, interval: "hour", from: "2026-10-25", to: "2026-10-26" })).toBe(25);
    expect(await count({ ...berlin, interval: "hour", from: "2026-03-29", to: "2026-03-30" })).toBe(23);
    expect(await count({ ...berlin, interval: "day", from: "2026-10-01", to: "2026-11-01" })).toBe(31);
    expect(await count({ interval: "month", from: "2025-11-22", to: "2026-11-22" })).toBe(13);
    expect(await count({ interval: "week", from: "2026-11-02", to: "2026-11-16" })).toBe(2);
    expect(await count({ tz: "Asia/Kathmandu", interval: "day", from: "2026-11-01", to: "2026-11-03" })).toBe(
      2,
    );
    expect(await count({})).toBe(31);
  });

  test("a bucket holds what is between its start and the next, also where midnight or half an hour comes twice", async ({
    db,
    api,
  }) => {
    const modelId = await aModel(db);
    const count = async (viewedAt: string[], parameters: Record<string, string>) => {
      await db.$client.query("delete from model_views");
      await recordViews(
        db.$client,
        viewedAt.map((at) => aView({ modelId, viewedAt: at })),
      );
      const { items } = await series(api, `/v1/models/${modelId}/timeseries?${query(parameters)}`);
      return items.map(({ start, views }) => `${start} ${views}`);
    };
    // The night to 25 October 2026 has midnight twice in the Azores: the day begins with the first.
    const azores = { tz: "Atlantic/Azores", interval: "day", from: "2026-10-24", to: "2026-10-26" };
    expect(await count(["2026-10-24T23:59:00.000Z", "2026-10-25T00:30:00.000Z"], azores)).toEqual([
      "2026-10-24T00:00:00.000Z 1",
      "2026-10-25T00:00:00.000Z 1",
    ]);
    expect(await count([], { ...azores, to: "2026-10-25" })).toHaveLength(1);
    const lordHowe = {
      tz: "Australia/Lord_Howe",
      interval: "hour",
      from: "2026-04-04T14:00:00Z",
      to: "2026-04-04T16:30:00Z",
    };
    expect(await count(["2026-04-04T14:45:00.000Z", "2026-04-04T15:15:00.000Z"], lordHowe)).toEqual([
      "2026-04-04T14:00:00.000Z 0",
      "2026-04-04T14:30:00.000Z 2",
      "2026-04-04T15:30:00.000Z 0",
    ]);
    // There was no 30 December 2011 in Apia.
    const apia = { tz: "Pacific/Apia", interval: "day", from: "2011-12-29", to: "2012-01-01" };
    expect(await count([], apia)).toHaveLength(2);
    // The clock jumps over midnight.
    const cairo = { tz: "Africa/Cairo", interval: "day", from: "2026-04-24", to: "2026-04-25" };
    expect(await count(["2026-04-23T22:00:00.000Z"], cairo)).toEqual(["2026-04-23T22:00:00.000Z 1"]);
  });

  test("the period before has as many days by the clock, though one may have 25 hours", async ({
    db,
    api,
  }) => {
    const parameters = { tz: "Europe/Berlin", from: "2026-10-24", to: "2026-10-27", compare: "previous" };
    const answer = await series(api, `/v1/models/${await aModel(db)}/timeseries?${query(parameters)}`);
    expect(answer.previous?.items.map(({ start }) => start)).toEqual([
      "2026-10-20T22:00:00.000Z",
      "2026-10-21T22:00:00.000Z",
      "2026-10-22T22:00:00.000Z",
    ]);
  });

  test("the period before a part of a day has the same length, also where an hour comes twice", async ({
    api,
  }) => {
    const previous = async (from: string, to: string) => {
      const parameters = { tz: "Europe/Berlin", interval: "hour", compare: "previous", from, to };
      return (await series(api, `/v1/timeseries?${query(parameters)}`)).previous;
    };
    expect(await previous("2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z")).toMatchObject({
      from: "2026-10-24T23:00:00.000Z",
      to: "2026-10-25T00:00:00.000Z",
    });
    expect(await previous("2026-10-25T00:30:00Z", "2026-10-25T01:15:00Z")).toMatchObject({
      from: "2026-10-24T23:45:00.000Z",
    });
  });

  test("an earlier period has whole days, the same weekdays or the same dates, across changes of the clock and leap days", async ({
    api,
  }) => {
    const berlin = { tz: "Europe/Berlin" };
    const cases = [
      // 29 March 2026 has 23 hours there, 25 October 25.
      ["days", { ...berlin, from: "2026-03-29", to: "2026-03-30" }, "2026-03-27T23Z", "2026-03-28T23Z"],
      ["days", { ...berlin, from: "2026-10-26", to: "2026-10-27" }, "2026-10-24T22Z", "2026-10-25T23Z"],
      ["days", { from: "2026-11-20", to: "2026-11-22T12:00:00Z" }, "2026-11-17T00Z", "2026-11-19T12Z"],
      ["weekdays", { from: "2026-10-01", to: "2026-10-29" }, "2026-09-03T00Z", "2026-10-01T00Z"],
      [
        "weekdays",
        { ...berlin, from: "2026-10-24", to: "2026-10-26T11:00:00Z" },
        "2026-10-16T22Z",
        "2026-10-19T10Z",
      ],
      ["year", { from: "2024-02-29", to: "2024-03-01" }, "2023-02-28T00Z", "2023-03-01T00Z"],
      ["year", { from: "2024-02-28", to: "2024-02-29" }, "2023-02-28T00Z", "2023-03-01T00Z"],
      ["year", { from: "2024-02-01", to: "2024-02-29" }, "2023-02-01T00Z", "2023-03-01T00Z"],
      ["year", { from: "2024-02-01", to: "2024-03-01" }, "2023-02-01T00Z", "2023-03-01T00Z"],
      ["year", { from: "2024-02-29", to: "2024-02-29T12:00:00Z" }, "2023-02-28T00Z", "2023-02-28T12Z"],
      ["year", { from: "2025-02-28", to: "2025-03-01" }, "2024-02-28T00Z", "2024-02-29T00Z"],
      ["year", { from: "2025-02-01", to: "2025-03-01" }, "2024-02-01T00Z", "2024-02-29T00Z"],
      ["year", { ...berlin, from: "2026-03-29", to: "2026-03-30" }, "2025-03-28T23Z", "2025-03-29T23Z"],
    ] as const;
    for (const [compare, period, from, to] of cases) {
      const { previous } = await series(api, `/v1/timeseries?${query({ ...period, compare })}`);
      const ends = [previous?.from, previous?.to].map((end) => end?.replace(":00:00.000Z", "Z"));
      expect(ends, `${compare} before ${period.from} to ${period.to}`).toEqual([from, to]);
    }
  });

  test("compares with the period of the same length just before", async ({ db, api }) => {
    const modelId = await aModel(db);
    const on = (day: number, viewer: string) =>
      aView({ modelId, viewerIdentifier: viewer, viewedAt: `2026-11-0${day}T10:00:00.000Z` });
    await recordViews(db.$client, [on(1, "a"), on(1, "b"), on(3, "a")]);
    const answer = await series(
      api,
      `/v1/models/${modelId}/timeseries?from=2026-11-03&to=2026-11-05&compare=previous`,
    );
    expect(answer).toEqual({
      modelId,
      interval: "day",
      tz: "UTC",
      from: "2026-11-03T00:00:00.000Z",
      to: "2026-11-05T00:00:00.000Z",
      items: [
        { start: "2026-11-03T00:00:00.000Z", views: 1, uniqueViews: 1 },
        { start: "2026-11-04T00:00:00.000Z", views: 0, uniqueViews: 0 },
      ],
      previous: {
        from: "2026-11-01T00:00:00.000Z",
        to: "2026-11-03T00:00:00.000Z",
        items: [
          { start: "2026-11-01T00:00:00.000Z", views: 2, uniqueViews: 2 },
          { start: "2026-11-02T00:00:00.000Z", views: 0, uniqueViews: 0 },
        ],
      },
      asOf: now.toISOString(),
    });
  });

  test("is null where the views are removed and their number is not stored", async ({ db, api }) => {
    const modelId = await aModel(db);
    const at = (viewedAt: string, more: Partial<ViewEvent> = {}) => aView({ modelId, viewedAt, ...more });
    await recordViews(db.$client, [
      at("2026-07-10T10:00:00.000Z"),
      at("2026-07-10T11:00:00.000Z"),
      at("2026-07-12T10:00:00.000Z", { isBot: true }),
      at("2026-08-01T10:00:00.000Z"),
    ]);
    await db.$client.query("delete from model_views where viewed_at < '2026-08-01'");
    await db.$client.query("insert into retired_months values ('2026-07-01')");
    const items = async (parameters: Record<string, string>) =>
      (await series(api, `/v1/models/${modelId}/timeseries?${query(parameters)}`)).items.filter(
        ({ views, uniqueViews }) => views !== 0 || uniqueViews !== 0,
      );
    const days = { from: "2026-07-09", to: "2026-08-03" };
    const known = { start: "2026-08-01T00:00:00.000Z", views: 1, uniqueViews: 1 };
    expect(await items(days)).toEqual([
      { start: "2026-07-10T00:00:00.000Z", views: 2, uniqueViews: null },
      known,
    ]);
    // A day in UTC is part of two in Kathmandu; in which of them the views were is not stored.
    expect(await items({ ...days, tz: "Asia/Kathmandu" })).toEqual([
      { start: "2026-07-09T18:15:00.000Z", views: null, uniqueViews: null },
      { start: "2026-07-10T18:15:00.000Z", views: null, uniqueViews: null },
      { ...known, start: "2026-07-31T18:15:00.000Z" },
    ]);
    expect(await items({ ...days, interval: "month" })).toEqual([
      { start: "2026-07-01T00:00:00.000Z", views: 2, uniqueViews: null },
      known,
    ]);
    // The hours of the two views are not stored; the day before is known to be empty.
    expect(await items({ from: "2026-07-09", to: "2026-07-11", interval: "hour" })).toEqual(
      Array.from({ length: 24 }, (_, hour) => ({
        start: `2026-07-10T${String(hour).padStart(2, "0")}:00:00.000Z`,
        views: null,
        uniqueViews: null,
      })),
    );
    // Whether there were bots on those days is not stored either.
    expect((await items({ ...days, bots: "include" })).filter(({ views }) => views === null)).toHaveLength(
      23,
    );
  });

  test("of the site is of all models together, and counts a viewer of two models once", async ({
    db,
    api,
  }) => {
    const [one, other] = await Promise.all([aModel(db), aModel(db)]);
    const viewedAt = "2026-11-20T10:00:00.000Z";
    await recordViews(db.$client, [
      aView({ modelId: one, viewedAt, viewerIdentifier: "a" }),
      aView({ modelId: other, viewedAt, viewerIdentifier: "a" }),
      aView({ modelId: other, viewedAt, viewerIdentifier: "b" }),
    ]);
    const { items, modelId } = await series(api, "/v1/timeseries?from=2026-11-20&to=2026-11-21");
    expect([items, modelId]).toEqual([
      [{ start: "2026-11-20T00:00:00.000Z", views: 3, uniqueViews: 2 }],
      undefined,
    ]);
  });

  test("a time zone may be named as the reader's browser names it, also where PostgreSQL has another name", async ({
    db,
    api,
  }) => {
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId, viewedAt: "2026-11-20T07:30:00.000Z" })]);
    const known = "select from pg_timezone_names where name = 'US/Pacific-New'";
    expect((await db.$client.query(known)).rowCount, "a name that PostgreSQL does not have").toBe(0);
    const ask = (path: string, tz: string) => api.json(`${path}?from=2026-11-01&to=2026-11-21&tz=${tz}`);
    for (const path of [
      `/v1/models/${modelId}/timeseries`,
      `/v1/models/${modelId}/viewers`,
      "/v1/models/top",
    ]) {
      const expected = await ask(path, "America/Los_Angeles");
      expect(expected).toHaveProperty("items");
      const tz = path.endsWith("top") ? {} : { tz: "US/Pacific-New" };
      // Twice: the first asks PostgreSQL for its names.
      for (const _ of [1, 2])
        expect(await ask(path, "US/Pacific-New")).toEqual({ ...Object(expected), ...tz });
    }
  });

  test.for([
    ["tz=Mars/Olympus", "tz"],
    ["tz=%2B05:45", "tz"],
    ["tz=CET", "tz"],
    ["tz=IST", "tz"],
    ["from=0000-01-01", "from"],
    ["to=0000-01-01", "to"],
    ["from=2026-11-20T00:00:00%2B16:00", "from"],
    ["from=yesterday", "from"],
    ["from=2026-11-20&to=2026-11-20", "from"],
    ["from=2026-11-21&to=2026-11-20", "from"],
    ["from=2010-01-01&to=2026-01-01", "from"],
    ["from=9999-12-31T12:00:00Z&to=9999-12-31T13:00:00Z", "to"],
    ["from=2026-01-01&to=2026-11-20&interval=hour", "interval"],
    ["interval=minute", "interval"],
    ["since=2026-11-20", "since"],
  ] as const)("%s is refused with the parameter named", async ([parameters, path], { db, api }) => {
    const response = await api.ask(`/v1/models/${await aModel(db)}/timeseries?${parameters}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path }] });
  });

  test("of a model that does not exist is a 404", async ({ api }) => {
    expect((await api.ask(`/v1/models/${aView().modelId}/timeseries`)).status).toBe(404);
    expect((await api.ask(`/v1/breakdown?by=os&modelId=${aView().modelId}`)).status).toBe(404);
  });
});

describe("GET /v1/breakdown", () => {
  const ask = async (api: Api, parameters: Record<string, string>) =>
    breakdownAnswerSchema.parse(await api.json(`/v1/breakdown?${query(parameters)}`));

  test("has each value with views, viewers and share, the most viewed first", async ({ db, api }) => {
    const modelId = await aModel(db);
    const viewedAt = "2026-11-20T10:00:00.000Z";
    const view = (viewerIdentifier: string, device?: string) =>
      aView({ modelId, viewedAt, viewerIdentifier, ...(device === undefined ? {} : { device }) });
    await recordViews(db.$client, [
      view("a", "mobile"),
      view("a", "mobile"),
      view("b", "mobile"),
      view("a", "desktop"),
      view("c"),
      aView({ modelId, viewedAt, isBot: true, device: "bot" }),
      aView({ viewedAt, device: "tablet" }),
      aView({ modelId, viewedAt: "2026-09-01T00:00:00.000Z", device: "tv" }),
    ]);
    expect(await ask(api, { by: "device", modelId })).toMatchObject({
      by: "device",
      items: [
        { value: "mobile", views: 3, uniqueViews: 2, share: 0.6 },
        { value: "desktop", views: 1, uniqueViews: 1, share: 0.2 },
        { value: null, views: 1, uniqueViews: 1, share: 0.2 },
      ],
      totalViews: 5,
      isIncomplete: false,
    });
    expect(await ask(api, { by: "device", limit: "1" })).toMatchObject({
      items: [{ value: "mobile", share: 0.6 }],
      totalViews: 5,
    });
    expect(await ask(api, { by: "country", from: "2026-01-01", to: "2026-01-02" })).toMatchObject({
      items: [],
      totalViews: 0,
    });
  });

  test("is incomplete when retention has removed views of the period", async ({ db, api }) => {
    await recordViews(db.$client, [
      aView({ modelId: await aModel(db), viewedAt: "2026-07-31T10:00:00.000Z" }),
    ]);
    await db.$client.query("insert into retired_months values ('2026-07-01'); delete from model_views");
    const of = (from: string, to: string) => ask(api, { by: "os", from, to });
    expect(await of("2026-07-31", "2026-08-02")).toMatchObject({ isIncomplete: true });
    expect(await of("2026-08-01", "2026-08-02")).toMatchObject({ isIncomplete: false });
    expect(await of("2026-07-01", "2026-07-31"), "no view was removed").toMatchObject({
      isIncomplete: false,
    });
    expect(await of("2026-06-01", "2026-07-01")).toMatchObject({ isIncomplete: false });
  });

  test.for(["", "by=colour", "by=os&limit=0", "by=os&modelId=anna"])(
    "%j is refused",
    async (parameters, { api }) => {
      expect((await api.ask(`/v1/breakdown?${parameters}`)).status).toBe(422);
    },
  );
});

/** The same buckets, counted in JavaScript: each view belongs to the last bucket that begins before it. */
function plainCount(
  views: readonly ViewEvent[],
  { from, to, bots, starts }: { from: string; to: string; bots: string; starts: string[] },
) {
  const meant = views.filter(
    ({ viewedAt, isBot = false }) =>
      viewedAt >= from && viewedAt < to && (bots === "include" || isBot === (bots === "only")),
  );
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? "9";
    const inside = meant.filter(({ viewedAt }) => viewedAt >= start && viewedAt < end);
    return {
      start,
      views: inside.length,
      uniqueViews: new Set(inside.map(({ viewerIdentifier }) => viewerIdentifier)).size,
    };
  });
}
