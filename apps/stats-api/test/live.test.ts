import { recordViews } from "@model-views/db/recording/record-views.ts";
import { liveStatsSchema } from "@model-views/shared/contracts/live.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { afterEach, beforeEach, describe, expect, vi, test as without } from "vitest";
import { createLiveFeed } from "../src/http/live-feed.ts";
import { LIVE_FIGURES } from "../src/http/live-feeds.ts";
import { now, test } from "./api.ts";

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
    const reading = new AbortController();
    const response = await api.ask("/v1/live", { signal: reading.signal });
    expect(response.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const received: unknown[] = [];
    const heard = (async () => {
      let text = "";
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString();
        const events = text.split("\n\n");
        text = events.pop() ?? "";
        for (const event of events) {
          const data = /^data: (.*)$/m.exec(event)?.[1];
          if (data !== undefined) received.push(liveStatsSchema.parse(JSON.parse(data)));
        }
      }
    })().catch(() => {});
    const asOf = now.toISOString();
    await expect.poll(() => received).toEqual([{ views: 3, viewers: 2, asOf }]);
    await recordViews(db.$client, [view("d", 0)]);
    await expect.poll(() => received.at(-1)).toEqual({ views: 4, viewers: 3, asOf });
    reading.abort();
    await heard;
  });

  test("HEAD is answered, and does not listen", async ({ api }) => {
    const response = await api.ask("/v1/live", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});
