let hasCounted = false;

/**
 * The address of the page that led to this website, for the first view alone, and only on the page by which the
 * website was entered. Every later page was reached from this website: its referrer is empty.
 *
 * The browser says which page was loaded, because a component may be mounted long after that.
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
