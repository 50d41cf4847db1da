declare global {
  interface Document {
    /** True while the browser prerenders the page; undefined in browsers that never do. */
    readonly prerendering?: boolean;
  }
}

/** Whether the page is seen: not prerendered, not in a background tab. */
export function isSeen(): boolean {
  return document.visibilityState === "visible" && !document.prerendering;
}

/** Calls `listener` when {@link isSeen} may have changed. Returns a function that stops it. */
export function onSeenChange(listener: () => void): () => void {
  // A prerendered page becomes visible first, and stops prerendering afterwards.
  const events = ["visibilitychange", "prerenderingchange"];
  for (const event of events) document.addEventListener(event, listener);
  return () => {
    for (const event of events) document.removeEventListener(event, listener);
  };
}
