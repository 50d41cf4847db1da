let hasCounted = false;

/**
 * The address of the page that led to this website: for the first view alone, and only on the page by which the visitor
 * entered the website. Every later page was reached from this website, so its referrer is empty.
 *
 * A component may be mounted long after the page was loaded, so the loaded page is read from the browser. Its query may
 * have changed since: routers remove `utm_…` before they draw.
 */
export function takeEntryReferrer(): string {
  const [loaded] = performance.getEntriesByType("navigation");
  const isEntry = !hasCounted && (!loaded || pageOf(loaded.name) === pageOf(location.href));
  hasCounted = true;
  return isEntry ? document.referrer : "";
}

/** An address without its query and its hash; but `#/…` and `#!…` are pages, and stay. */
function pageOf(address: string): string {
  const { origin, pathname, hash } = new URL(address);
  return origin + pathname + (/^#[/!]/.test(hash) ? hash : "");
}
