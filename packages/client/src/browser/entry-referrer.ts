let hasCounted = false;

/**
 * Address of the page that led to this website, once: for the first view, and only on the page by which it was
 * entered. Every later page was reached from this website, and so its referrer is empty.
 *
 * Asks the browser for the page that was loaded, for whoever mounts a component may do so long after that.
 */
export function takeEntryReferrer(): string {
  const [loaded] = performance.getEntriesByType("navigation");
  const isEntry = !hasCounted && (!loaded || withoutAnchor(loaded.name) === withoutAnchor(location.href));
  hasCounted = true;
  return isEntry ? document.referrer : "";
}

/** An address without the place within its page; `#/…` and `#!…` are pages. */
function withoutAnchor(address: string): string {
  return address.replace(/#(?![/!]).*/, "");
}
