/** The longest that a page may take, in milliseconds, even while the services are down. */
export const PAGE_MS_MAX = 1_100;

/** A page of each kind. */
export const PAGES = [
  "/",
  "/categories/men",
  "/models/idris-bello",
  "/models/idris-bello/card",
  "/lookbook/idris-bello",
  "/privacy",
];

/** Enough tries for a busy machine. */
const TRIES_MAX = 20;

/** The milliseconds of the quickest try: of three, and of more while none is below `enoughMs`. */
export async function quickestMs(attempt: () => Promise<unknown>, enoughMs: number): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 || (quickest >= enoughMs && tries < TRIES_MAX); tries += 1) {
    const start = performance.now();
    await attempt();
    quickest = Math.min(quickest, performance.now() - start);
  }
  return quickest;
}

/** The HTML of a page. @throws when its status is an error. */
export async function htmlOf(url: string): Promise<string> {
  const response = await fetch(url);
  const html = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return html;
}
