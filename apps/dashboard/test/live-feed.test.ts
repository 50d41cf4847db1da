import { expect, onTestFinished, test, vi } from "vitest";
import { createLiveFeed, HIDDEN_MS, REFUSED_MS } from "../src/api/live-feed.ts";

const FIGURES = { views: 3, viewers: 2, asOf: "2026-11-28T12:00:00Z" };

/** A feed whose connections the test answers itself. */
function aFeed() {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const streams: ReturnType<typeof aStream>[] = [];
  const onRefused = vi.fn();
  const feed = createLiveFeed({
    open(url) {
      const stream = aStream(url);
      streams.push(stream);
      return stream;
    },
    onRefused,
  });
  const open = () => streams.filter(({ isClosed }) => !isClosed()).map(({ url }) => url);
  const last = () => {
    const stream = streams.at(-1);
    if (stream === undefined) throw new Error("no connection was opened");
    return stream;
  };
  return { feed, streams, open, last, onRefused };
}

function aStream(url: string) {
  const listens = new Map<string, (event: { data?: unknown }) => void>();
  let closed = false;
  return {
    url,
    readyState: 0,
    isClosed: () => closed,
    close: () => {
      closed = true;
    },
    addEventListener: (type: string, listen: (event: { data?: unknown }) => void) =>
      void listens.set(type, listen),
    send: (type: string, data?: unknown) => listens.get(type)?.({ data: JSON.stringify(data) }),
    /** As with an answer that is no stream: the browser does not try again. */
    refuse() {
      this.readyState = 2;
      closed = true;
      this.send("error");
    },
  };
}

test("all listeners share one connection, which is closed after the last one", () => {
  const { feed, open, last } = aFeed();
  const heard = vi.fn();
  const stops = [feed.subscribe(heard), feed.subscribe(() => {})];
  expect(feed.state()).toEqual({ connection: "connecting" });
  last().send("figures", FIGURES);
  expect(feed.state()).toEqual({ connection: "live", figures: FIGURES });
  expect(heard).toHaveBeenCalledOnce();
  expect(open()).toEqual(["/v1/live"]);
  for (const stop of stops) stop();
  expect(open()).toEqual([]);
});

test("details come on the same connection, while a page wants them", () => {
  const { feed, open, last } = aFeed();
  feed.subscribe(() => {});
  const stop = feed.subscribe(() => {}, { details: true });
  expect(open()).toEqual(["/v1/live?details=true"]);
  last().send("details", { minutes: [] });
  expect(feed.state().details).toEqual({ minutes: [] });
  stop();
  expect(open()).toEqual(["/v1/live"]);
});

test("a database that is away, a lost connection and its return are told apart, and the last figures stay", () => {
  const { feed, last } = aFeed();
  feed.subscribe(() => {});
  last().send("figures", FIGURES);
  last().send("unavailable");
  expect(feed.state()).toEqual({ connection: "unavailable", figures: FIGURES });
  last().send("error");
  expect(feed.state()).toEqual({ connection: "lost", figures: FIGURES });
  // What has not changed is not sent again after a reconnection.
  last().send("open");
  expect(feed.state()).toEqual({ connection: "live", figures: FIGURES });
});

test("after a refusal the session is asked for, and the connection is tried again, less and less often", () => {
  const { feed, streams, last, onRefused } = aFeed();
  feed.subscribe(() => {});
  last().refuse();
  expect(feed.state().connection).toBe("lost");
  expect(onRefused).toHaveBeenCalledOnce();
  // Another listener does not hurry it.
  feed.subscribe(() => {});
  expect(streams).toHaveLength(1);
  vi.advanceTimersByTime(REFUSED_MS);
  expect(streams).toHaveLength(2);
  last().refuse();
  vi.advanceTimersByTime(REFUSED_MS);
  expect(streams).toHaveLength(2);
  vi.advanceTimersByTime(REFUSED_MS);
  expect(streams).toHaveLength(3);
  last().send("figures", FIGURES);
  expect(feed.state().connection).toBe("live");
});

test("a new session makes a refused connection be tried again at once", () => {
  const { feed, streams, last } = aFeed();
  feed.subscribe(() => {});
  feed.retryNow();
  expect(streams).toHaveLength(1);
  last().refuse();
  feed.retryNow();
  expect(streams).toHaveLength(2);
  vi.advanceTimersByTime(REFUSED_MS);
  expect(streams).toHaveLength(2);
});

test("a page that is hidden for long has no connection, and a new one as soon as it is seen", () => {
  const { feed, open, last } = aFeed();
  feed.subscribe(() => {});
  last().send("figures", FIGURES);
  feed.setHidden(true);
  vi.advanceTimersByTime(HIDDEN_MS - 1);
  feed.setHidden(false);
  vi.advanceTimersByTime(HIDDEN_MS);
  expect(open()).toHaveLength(1);
  feed.setHidden(true);
  vi.advanceTimersByTime(HIDDEN_MS);
  expect(open()).toEqual([]);
  feed.setHidden(false);
  expect(open()).toHaveLength(1);
  expect(feed.state()).toEqual({ connection: "connecting", figures: FIGURES });
});

test("events of a connection that was given up are ignored", () => {
  const { feed, streams, last } = aFeed();
  feed.subscribe(() => {});
  feed.subscribe(() => {}, { details: true });
  streams[0]?.send("figures", { ...FIGURES, viewers: 99 });
  expect(feed.state().figures).toBeUndefined();
  last().send("figures", FIGURES);
  expect(feed.state().figures).toEqual(FIGURES);
});
