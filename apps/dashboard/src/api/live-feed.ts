import type { LiveDetails, LiveStats } from "@model-views/shared/contracts/live.ts";

/** `unavailable`: the stats API answers, and its database does not. `lost`: no connection; it comes back by itself. */
export type LiveConnection = "connecting" | "live" | "unavailable" | "lost";

export type LiveState = {
  connection: LiveConnection;
  /** The last ones that came, also while the connection is lost. */
  figures?: LiveStats;
  details?: LiveDetails;
};

/** What the feed uses of an EventSource. */
export type EventStream = {
  readonly readyState: number;
  addEventListener: (type: string, listen: (event: { data?: unknown }) => void) => void;
  close: () => void;
};

export type LiveFeed = {
  state: () => LiveState;
  /** Calls `listen` after each change. The connection is open while there is a listener. */
  subscribe: (listen: () => void, options?: { details?: boolean }) => () => void;
  setHidden: (isHidden: boolean) => void;
  /** A refused connection is tried again now: something has changed, such as the session. */
  retryNow: () => void;
};

/** Milliseconds for which a hidden page keeps its connection. */
export const HIDDEN_MS = 60_000;
/** Milliseconds until a refused connection is tried again: the first time, and at most. */
export const REFUSED_MS = 3_000;
const REFUSED_MS_MAX = 60_000;
/** The state of an EventSource that does not try again by itself. */
const CLOSED = 2;

/**
 * One connection for all listeners.
 *
 * @param onRefused the stats API has refused the connection: perhaps the session has ended.
 */
export function createLiveFeed({
  open,
  onRefused,
}: {
  open: (url: string) => EventStream;
  onRefused: () => void;
}): LiveFeed {
  const listeners = new Map<() => void, { details: boolean }>();
  let state: LiveState = { connection: "connecting" };
  let stream: { events: EventStream; url: string } | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let isHidden = false;
  let refusals = 0;

  function change(next: Partial<LiveState>) {
    state = { ...state, ...next };
    for (const listen of listeners.keys()) listen();
  }

  /** Opens, closes or changes the connection, as the listeners need it. */
  function adjust() {
    const wantsDetails = [...listeners.values()].some(({ details }) => details);
    const url = wantsDetails ? "/v1/live?details=true" : "/v1/live";
    if (listeners.size === 0 || isHidden) return disconnect();
    if (stream?.url === url || (stream === undefined && retry !== undefined)) return;
    disconnect();
    connect(url);
  }

  function disconnect() {
    clearTimeout(retry);
    retry = undefined;
    stream?.events.close();
    stream = undefined;
  }

  function connect(url: string) {
    const events = open(url);
    stream = { events, url };
    const on = (type: string, listen: (data: unknown) => void) =>
      events.addEventListener(type, ({ data }) => {
        if (stream?.events === events) listen(data);
      });
    // After a reconnection the figures come only when they have changed.
    on("open", () => {
      refusals = 0;
      if (state.figures !== undefined) change({ connection: "live" });
    });
    on("figures", (data) => change({ connection: "live", figures: JSON.parse(String(data)) }));
    on("details", (data) => change({ connection: "live", details: JSON.parse(String(data)) }));
    on("unavailable", () => change({ connection: "unavailable" }));
    on("error", () => {
      change({ connection: "lost" });
      if (events.readyState !== CLOSED) return;
      stream = undefined;
      retry = setTimeout(
        () => {
          retry = undefined;
          adjust();
        },
        Math.min(REFUSED_MS * 2 ** refusals, REFUSED_MS_MAX),
      );
      refusals += 1;
      onRefused();
    });
  }

  return {
    state: () => state,
    subscribe(listen, { details = false } = {}) {
      listeners.set(listen, { details });
      adjust();
      return () => {
        listeners.delete(listen);
        adjust();
      };
    },
    setHidden(next) {
      clearTimeout(hiding);
      if (next) {
        hiding = setTimeout(() => {
          isHidden = true;
          adjust();
        }, HIDDEN_MS);
        return;
      }
      if (isHidden) change({ connection: "connecting" });
      isHidden = false;
      adjust();
    },
    retryNow() {
      if (retry === undefined) return;
      clearTimeout(retry);
      retry = undefined;
      refusals = 0;
      adjust();
    },
  };
}
