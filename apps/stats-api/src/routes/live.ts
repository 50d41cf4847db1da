import type { LiveStats } from "@model-views/shared/contracts/live.ts";

/** Milliseconds between two looks. */
const LOOK_MS = 1_000;
/** Looks without a change after which a heartbeat tells listeners, and proxies in between, that the connection lives. */
const HEARTBEAT_LOOKS = 15;

const HEARTBEAT = ": still here\n\n";
/** Without an id: what comes after it is told also when it is the same as before. */
const UNAVAILABLE = "event: unavailable\ndata: {}\n\n";

/** What a listener is told, as text of an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type Listener = (text: string) => void;

export type Live = {
  /**
   * Tells the listener how things are as soon as that is known, and from then on whenever it changes.
   *
   * @param lastEventId of the last event that the listener has had: it is not told that again.
   * @returns how to stop.
   */
  listen(listener: Listener, lastEventId?: string): () => void;
  listeners(): number;
};

export type LiveDeps = {
  look: () => Promise<LiveStats>;
  onError: (error: unknown) => void;
};

/**
 * One look a second for everybody who listens, and none while nobody does; the next one waits for the one before. An
 * event's id stands for its figures, so who was away and comes back
 * to the same figures is told nothing.
 */
export function createLive({ look, onError }: LiveDeps): Live {
  /** With the last event that each has had, until it is told something. */
  const listeners = new Map<Listener, string | undefined>();
  let current: { id: string | undefined; text: string } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isLooking = false;
  let quietLooks = 0;

  function tellAll(text: string, id?: string): void {
    quietLooks = 0;
    for (const [listener, had] of listeners) {
      listeners.set(listener, undefined);
      if (id === undefined || id !== had) listener(text);
    }
  }

  async function lookOnce(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const figures = await look();
      // Who comes next, whenever that is, shall not be told what is known now.
      if (listeners.size === 0) return;
      const id = `${figures.views}-${figures.viewers}`;
      quietLooks += 1;
      if (current?.id !== id) {
        current = { id, text: `event: figures\nid: ${id}\ndata: ${JSON.stringify(figures)}\n\n` };
        tellAll(current.text, id);
      } else if (quietLooks >= HEARTBEAT_LOOKS) tellAll(HEARTBEAT);
    } catch (error) {
      onError(error);
      if (listeners.size === 0) return;
      quietLooks += 1;
      if (current?.text !== UNAVAILABLE) {
        current = { id: undefined, text: UNAVAILABLE };
        tellAll(UNAVAILABLE);
      } else if (quietLooks >= HEARTBEAT_LOOKS) tellAll(HEARTBEAT);
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
