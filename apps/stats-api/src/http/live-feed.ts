import type { LiveStats } from "@model-views/shared/contracts/live.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 1_000;
/** Looks without a change after which a heartbeat shows listeners, and proxies in between, that the connection lives. */
const HEARTBEAT_LOOKS = 15;

const HEARTBEAT = ": still here\n\n";
/** It has no id, so the next stats are sent even when they are the same as before. */
const UNAVAILABLE = "event: unavailable\ndata: {}\n\n";

/** Gets text of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type Listener = (text: string) => void;

export type LiveFeed = {
  /**
   * Sends the listener the current stats as soon as they are known, and from then on every change.
   *
   * @param lastEventId of the last event that the listener has received: that event is not sent again.
   * @returns stops it.
   */
  listen(listener: Listener, lastEventId?: string): () => void;
  /** The number of listeners. */
  listeners(): number;
};

export type LiveFeedDeps = {
  look: () => Promise<LiveStats>;
  onError: (error: unknown) => void;
};

/**
 * One look a second for all listeners together, and none without listeners. The next look waits for the one before. An
 * event's id is made of its stats, so a client that reconnects to the same stats gets nothing.
 */
export function createLiveFeed({ look, onError }: LiveFeedDeps): LiveFeed {
  /** With the last event that each has received before it connected, until it is sent something. */
  const listeners = new Map<Listener, string | undefined>();
  let current: { id: string | undefined; text: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let quietLooks = 0;

  function sendAll(text: string, id?: string): void {
    quietLooks = 0;
    for (const [listener, received] of listeners) {
      listeners.set(listener, undefined);
      if (id === undefined || id !== received) listener(text);
    }
  }

  async function lookOnce(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const stats = await look();
      // The next listener may come much later, when these stats are outdated.
      if (listeners.size === 0) return;
      const id = `${stats.views}-${stats.viewers}`;
      quietLooks += 1;
      if (current?.id !== id) {
        current = { id, text: `event: figures\nid: ${id}\ndata: ${JSON.stringify(stats)}\n\n` };
        sendAll(current.text, id);
      } else if (quietLooks >= HEARTBEAT_LOOKS) sendAll(HEARTBEAT);
    } catch (error) {
      onError(error);
      if (listeners.size === 0) return;
      quietLooks += 1;
      if (current?.text !== UNAVAILABLE) {
        current = { id: undefined, text: UNAVAILABLE };
        sendAll(UNAVAILABLE);
      } else if (quietLooks >= HEARTBEAT_LOOKS) sendAll(HEARTBEAT);
    } finally {
      isLooking = false;
      if (listeners.size > 0) timer = setTimeout(lookOnce, LOOK_MS);
    }
  }

  return {
    listen(listener, lastEventId) {
      listeners.set(listener, current === undefined ? lastEventId : undefined);
      if (current !== undefined && current.id !== lastEventId) listener(current.text);
      if (listeners.size === 1) {
        clearTimeout(timer);
        void lookOnce();
      }
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearTimeout(timer);
        current = undefined;
      };
    },
    listeners: () => listeners.size,
  };
}
