/** Milliseconds in which every page is complete, whatever becomes of the services. */
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

/** So many that a machine that has more to do is no reason to fail. */
const TRIES_MAX = 20;

/** Milliseconds that the quickest try takes: of three, and of more while none is below `enoughMs`. */
export async function quickestMs(attempt: () => Promise<unknown>, enoughMs: number): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < 3 || (quickest >= enoughMs && tries < TRIES_MAX); tries += 1) {
    const start = performance.now();
    await attempt();
    quickest = Math.min(quickest, performance.now() - start);
  }
  return quickest;
}

/** A page, complete. @throws when its status is an error. */
export async function htmlOf(url: string): Promise<string> {
  const response = await fetch(url);
  const html = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return html;
}
