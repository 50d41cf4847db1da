let hasCounted = false;

/**
 * The address of the page that led to this website, for the first view alone, and only on the page by which the
 * website was entered. Every later page was reached from this website: its referrer is empty.
 *
 * The browser says which page was loaded, because a component may be mounted long after that. The query may have changed
 * since: routers tidy `utm_…` away before they draw.
 */
export function takeEntryReferrer(): string {
  const [loaded] = performance.getEntriesByType("navigation");
  const isEntry = !hasCounted && (!loaded || pageOf(loaded.name) === pageOf(location.href));
  hasCounted = true;
  return isEntry ? document.referrer : "";
}

/** An address without query and without the place within its page; `#/…` and `#!…` are pages. */
function pageOf(address: string): string {
  const { origin, pathname, hash } = new URL(address);
  return origin + pathname + (/^#[/!]/.test(hash) ? hash : "");
}
