import { recordViews } from "@model-views/db/recording/record-views.ts";
import { liveDetailsSchema, liveStatsSchema } from "@model-views/shared/contracts/live.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { afterEach, beforeEach, describe, expect, vi, test as without } from "vitest";
import { createLiveFeed } from "../src/http/live-feed.ts";
import { LIVE_FIGURES } from "../src/http/live-feeds.ts";
import { type Api, now, test } from "./api.ts";

/** A live feed whose stats the test sets, and how often it has looked. */
function aLiveFeed() {
  const world = { views: 1, looks: 0, away: false };
  const errors: unknown[] = [];
  const live = createLiveFeed({
    ...LIVE_FIGURES,
    async look() {
      world.looks += 1;
      if (world.away) throw new Error("PostgreSQL is away");
      return { views: world.views, viewers: 1, asOf: now.toISOString() };
    },
    onError: (error) => errors.push(error),
  });
  const listen = (lastEventId?: string) => {
    const heard: string[] = [];
    const stop = live.listen((text) => heard.push(text.split("\n")[0] ?? ""), lastEventId);
    return { heard, stop };
  };
  return { world, errors, live, listen };
}

describe("createLiveFeed", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  without("looks once a second for 500 listeners, and not at all for none", async () => {
    const { world, listen, live } = aLiveFeed();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(world.looks).toBe(0);
    const all = Array.from({ length: 500 }, () => listen());
    await vi.advanceTimersByTimeAsync(10_500);
    expect(world.looks).toBe(11);
    for (const { heard } of all) expect(heard).toEqual(["event: figures"]);
    world.views = 2;
    await vi.advanceTimersByTimeAsync(1_000);
    for (const { heard } of all) expect(heard).toEqual(["event: figures", "event: figures"]);
    for (const { stop } of all) stop();
    expect(live.listeners()).toBe(0);
    const { looks } = world;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(world.looks).toBe(looks);
  });

  without("sends a later listener the stats at once, and a returning one only changes", async () => {
    const { world, listen } = aLiveFeed();
    listen();
    await vi.advanceTimersByTimeAsync(100);
    expect(listen().heard).toEqual(["event: figures"]);
    const back = listen("1-1");
    expect(back.heard).toEqual([]);
    world.views = 2;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(back.heard).toEqual(["event: figures"]);
    expect(listen("1-1").heard).toEqual(["event: figures"]);
  });

  without("sends a heartbeat while nothing changes", async () => {
    const { listen } = aLiveFeed();
    const { heard } = listen();
    await vi.advanceTimersByTimeAsync(31_000);
    expect(heard).toEqual(["event: figures", ": still here", ": still here"]);
  });

  without("sends `unavailable` once, also to a later listener, and stats again when it can", async () => {
    const { world, errors, listen } = aLiveFeed();
    const { heard } = listen();
    await vi.advanceTimersByTimeAsync(100);
    world.away = true;
    await vi.advanceTimersByTimeAsync(5_000);
    const later = listen("1-1");
    expect(later.heard).toEqual(["event: unavailable"]);
    await vi.advanceTimersByTimeAsync(15_000);
    world.away = false;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(heard).toEqual(["event: figures", "event: unavailable", ": still here", "event: figures"]);
    expect(later.heard).toEqual(["event: unavailable", ": still here", "event: figures"]);
    expect(errors).toHaveLength(20);
  });

  without("does not send stats that were found after the last listener had left", async () => {
    const answer = Promise.withResolvers<{ views: number; viewers: number; asOf: string }>();
    const found = [answer.promise, new Promise<never>(() => {})];
    const live = createLiveFeed({
      ...LIVE_FIGURES,
      look: () => found.shift() ?? new Promise<never>(() => {}),
      onError: () => {},
    });
    live.listen(() => {})();
    answer.resolve({ views: 9, viewers: 9, asOf: now.toISOString() });
    await vi.advanceTimersByTimeAsync(1);
    const heard: string[] = [];
    live.listen((text) => heard.push(text));
    expect(heard).toEqual([]);
  });

  without("does not look again before the last look is answered", async () => {
    let looks = 0;
    const live = createLiveFeed({
      ...LIVE_FIGURES,
      look() {
        looks += 1;
        return new Promise<never>(() => {});
      },
      onError: () => {},
    });
    live.listen(() => {});
    await vi.advanceTimersByTimeAsync(60_000);
    live.listen(() => {});
    expect(looks).toBe(1);
  });
});

/** The events of a stream as they come, until it is left. */
async function watch(api: Api, path: string) {
  const reading = new AbortController();
  const response = await api.ask(path, { signal: reading.signal });
  const received: { event: string | undefined; data: unknown }[] = [];
  const heard = (async () => {
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const events = text.split("\n\n");
      text = events.pop() ?? "";
      for (const each of events) {
        const data = /^data: (.*)$/m.exec(each)?.[1];
        if (data !== undefined)
          received.push({ event: /^event: (.*)$/m.exec(each)?.[1], data: JSON.parse(data) });
      }
    }
  })().catch(() => {});
  const leave = async () => {
    reading.abort();
    await heard;
  };
  return { response, received, leave };
}

describe("GET /v1/live", () => {
  test("pushes views and viewers of the last five minutes, bots left out, when they change", async ({
    db,
    api,
  }) => {
    const modelId = await aModel(db);
    const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
    const view = (viewerIdentifier: string, minutes: number) =>
      aView({ modelId, viewerIdentifier, viewedAt: minutesAgo(minutes) });
    await recordViews(db.$client, [view("a", 1), view("a", 2), view("b", 4.9), view("c", 5.1)]);
    await recordViews(db.$client, [{ ...view("bot", 1), isBot: true }]);
    const { response, received, leave } = await watch(api, "/v1/live");
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const asOf = now.toISOString();
    const figures = (views: number, viewers: number) => ({
      event: "figures",
      data: { views, viewers, asOf },
    });
    await expect.poll(() => received).toEqual([figures(3, 2)]);
    await recordViews(db.$client, [view("d", 0)]);
    await expect.poll(() => received.at(-1)).toEqual(figures(4, 3));
    for (const { data } of received) liveStatsSchema.parse(data);
    await leave();
  });

  test("with details, pushes each minute of half an hour, and of five minutes what is viewed and from where", async ({
    db,
    api,
  }) => {
    const [anna, bella] = [await aModel(db, { name: "Anna", category: "women" }), await aModel(db)];
    const at = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
    const of = (viewerIdentifier: string, minutes: number, view: Partial<ViewEvent> = {}) =>
      aView({ modelId: anna, viewerIdentifier, viewedAt: at(minutes), ...view });
    await recordViews(db.$client, [
      of("a", 1, { country: "DE", device: "mobile" }),
      of("a", 0.5, { country: "DE", device: "mobile", referrerHost: "a.example" }),
      of("b", 4.9, { country: "FR", modelId: bella }),
      of("c", 5.1),
      of("d", 29),
      of("e", 29.1),
      of("bot", 1, { isBot: true, country: "US" }),
    ]);
    const { received, leave } = await watch(api, "/v1/live?details=true");
    const details = () => {
      const found = received.findLast(({ event }) => event === "details");
      return found && liveDetailsSchema.parse(found.data);
    };
    await expect.poll(details).toMatchObject({
      models: [
        { modelId: anna, name: "Anna", category: "women", views: 2, viewers: 1, lastViewedAt: at(0.5) },
        { modelId: bella, category: null, views: 1, viewers: 1, lastViewedAt: at(4.9) },
      ],
      countries: [
        { value: "DE", views: 2 },
        { value: "FR", views: 1 },
      ],
      devices: [
        { value: "mobile", views: 2 },
        { value: null, views: 1 },
      ],
      referrers: [
        { value: null, views: 2 },
        { value: "a.example", views: 1 },
      ],
      asOf: now.toISOString(),
    });
    const { minutes = [] } = details() ?? {};
    expect([minutes.length, minutes[0]?.start, minutes.at(-1)?.start]).toEqual([30, at(29), at(0)]);
    const viewed = minutes.filter(({ views }) => views > 0);
    expect(viewed.map(({ start, views, viewers }) => [start, views, viewers])).toEqual([
      [at(29), 1, 1],
      [at(6), 1, 1],
      [at(5), 1, 1],
      [at(1), 2, 1],
    ]);
    expect(received.map(({ event }) => event)).toContain("figures");

    await recordViews(db.$client, [of("f", 0, { country: "FR" })]);
    await expect.poll(() => details()?.minutes.at(-1)).toEqual({ start: at(0), views: 1, viewers: 1 });
    await leave();
  });

  test("HEAD is answered, and does not listen", async ({ api }) => {
    const response = await api.ask("/v1/live", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
