import { get, type IncomingMessage } from "node:http";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import express, { type RequestHandler } from "express";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLiveFeed } from "../src/http/live-feed.ts";
import { LIVE_FIGURES } from "../src/http/live-feeds.ts";
import { mountRoutes } from "../src/http/route.ts";
import { liveRoute } from "../src/routes/live.ts";

const LISTENERS = 500;
/** Real connections take some time. */
const patience = { timeout: 20_000 };

// Only the timers of the looks; connections are real.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const pass: RequestHandler = (_request, _response, next) => next();

type Connection = { response: IncomingMessage; heard: string };

/** The route on a port, and how often it has looked. */
async function aLiveServer() {
  const world = { views: 1, looks: 0 };
  const liveFeed = createLiveFeed({
    ...LIVE_FIGURES,
    async look() {
      world.looks += 1;
      return { views: world.views, viewers: 1, asOf: "2026-11-22T12:00:00.000Z" };
    },
    onError: () => {},
  });
  const app = express();
  mountRoutes(app, [liveRoute], {
    deps: { liveFeed, liveDetailsFeed: liveFeed, sessionEnd: () => undefined },
    guards: { requireKey: () => pass, audit: () => pass },
  });
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  const connections: Connection[] = [];
  const open = (lastEventId?: string) =>
    new Promise<Connection>((resolve, reject) => {
      const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
      const asked = get(
        { port: portOf(server), host: "127.0.0.1", path: "/v1/live", headers, agent: false },
        (response) => {
          const connection = { response, heard: "" };
          response.setEncoding("utf8").on("data", (text: string) => {
            connection.heard += text;
          });
          response.on("error", () => {});
          connections.push(connection);
          resolve(connection);
        },
      );
      asked.on("error", reject);
    });
  const close = async () => {
    for (const { response } of connections) response.destroy();
    await expect.poll(() => liveFeed.listeners()).toBe(0);
    vi.useRealTimers();
    await closeServer(server);
  };
  return { world, liveFeed, open, close };
}

const eventsOf = ({ heard }: Connection) => heard.split("\n\n").filter((event) => event.startsWith("event:"));
const statsEvent = (views: number) =>
  `event: figures\nid: ${views}-1\ndata: {"views":${views},"viewers":1,"asOf":"2026-11-22T12:00:00.000Z"}`;

test("500 listeners of one process cost one look a second, and all get the stats", async () => {
  const { world, liveFeed, open, close } = await aLiveServer();
  const all = await Promise.all(Array.from({ length: LISTENERS }, () => open()));
  expect(liveFeed.listeners()).toBe(LISTENERS);
  for (const connection of all)
    await expect.poll(() => eventsOf(connection), patience).toEqual([statsEvent(1)]);
  expect(world.looks).toBe(1);
  for (let second = 2; second <= 4; second += 1) {
    world.views = second;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(world.looks).toBe(second);
  }
  const expected = [1, 2, 3, 4].map(statsEvent);
  for (const connection of all) await expect.poll(() => eventsOf(connection), patience).toEqual(expected);

  // Half of them leave, and the others stay.
  for (const { response } of all.slice(0, LISTENERS / 2)) response.destroy();
  await expect.poll(() => liveFeed.listeners(), patience).toBe(LISTENERS / 2);
  world.views = 5;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(world.looks).toBe(5);
  for (const connection of all.slice(LISTENERS / 2)) {
    await expect.poll(() => eventsOf(connection).at(-1), patience).toBe(statsEvent(5));
  }
  await close();
  const { looks } = world;
  expect(looks).toBe(5);
}, 60_000);

test("a listener that returns with the last event's id gets only changes", async () => {
  const { world, open, close } = await aLiveServer();
  const stays = await open();
  await expect.poll(() => eventsOf(stays)).toEqual([statsEvent(1)]);
  const [back, other] = [await open("1-1"), await open("0-1")];
  await expect.poll(() => eventsOf(other)).toEqual([statsEvent(1)]);
  expect(back.heard).toBe("retry: 3000\n\n");
  world.views = 2;
  await vi.advanceTimersByTimeAsync(1_000);
  await expect.poll(() => eventsOf(back)).toEqual([statsEvent(2)]);
  await expect.poll(() => eventsOf(other)).toEqual([statsEvent(1), statsEvent(2)]);
  await close();
});

test("a connection without changes gets a heartbeat every 15 s", async () => {
  const { open, close } = await aLiveServer();
  const connection = await open();
  await expect.poll(() => eventsOf(connection)).toEqual([statsEvent(1)]);
  await vi.advanceTimersByTimeAsync(14_000);
  expect(connection.heard).not.toContain(": still here");
  await vi.advanceTimersByTimeAsync(1_000);
  await expect.poll(() => connection.heard.split(": still here\n\n")).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(15_000);
  await expect.poll(() => connection.heard.split(": still here\n\n")).toHaveLength(3);
  await close();
});
