/** Milliseconds without a change after which a heartbeat shows listeners, and proxies in between, that the connection lives. */
const HEARTBEAT_MS = 15_000;

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

export type LiveFeedDeps<Data> = {
  look: () => Promise<Data>;
  onError: (error: unknown) => void;
  /** The name of its events. */
  event: string;
  /** The same text for data that need not be sent again. */
  keyOf: (data: Data) => string;
  /** Whether that text is sent as the event's id, so that a client that reconnects gets only changes. One feed of a stream may. */
  hasIds: boolean;
  /** Milliseconds between two looks. */
  lookMs: number;
};

/**
 * One look at a time for all listeners together, and none without listeners. The next look waits for the one before. An
 * event's id is made of its data, so a client that reconnects to the same data gets nothing.
 */
export function createLiveFeed<Data>({
  look,
  onError,
  event,
  keyOf,
  hasIds,
  lookMs,
}: LiveFeedDeps<Data>): LiveFeed {
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
      const data = await look();
      // The next listener may come much later, when these data are outdated.
      if (listeners.size === 0) return;
      const id = keyOf(data);
      quietLooks += 1;
      if (current?.id !== id) {
        current = {
          id,
          text: `event: ${event}\n${hasIds ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`,
        };
        sendAll(current.text, id);
      } else if (quietLooks * lookMs >= HEARTBEAT_MS) sendAll(HEARTBEAT);
    } catch (error) {
      onError(error);
      if (listeners.size === 0) return;
      quietLooks += 1;
      if (current?.text !== UNAVAILABLE) {
        current = { id: undefined, text: UNAVAILABLE };
        sendAll(UNAVAILABLE);
      } else if (quietLooks * lookMs >= HEARTBEAT_MS) sendAll(HEARTBEAT);
    } finally {
      isLooking = false;
      if (listeners.size > 0) timer = setTimeout(lookOnce, lookMs);
    }
  }

  return {
    listen(listener, lastEventId) {
      listeners.set(listener, current === undefined ? lastEventId : undefined);
      // That nothing can be read has no id, and is sent to every listener.
      if (current !== undefined && (current.id === undefined || current.id !== lastEventId)) {
        listener(current.text);
      }
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
