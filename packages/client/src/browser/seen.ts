declare global {
  interface Document {
    /** True while the browser draws the page ahead of time; undefined where it never does. */
    readonly prerendering?: boolean;
  }
}

/** Whether the page is seen: not prerendered, not in a background tab. */
export function isSeen(): boolean {
  return document.visibilityState === "visible" && !document.prerendering;
}

/** Calls `listener` whenever {@link isSeen} may have changed; returns how to end that. */
export function onSeenChange(listener: () => void): () => void {
  // A prerendered page becomes visible first and stops prerendering then.
  const events = ["visibilitychange", "prerenderingchange"];
  for (const event of events) document.addEventListener(event, listener);
  return () => {
    for (const event of events) document.removeEventListener(event, listener);
  };
}
