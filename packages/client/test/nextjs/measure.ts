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

/** Of several, so that nothing is measured but what has to be: a machine may have more to do. */
const TRIES = 3;

/** Milliseconds that the quickest of some tries takes. */
export async function quickestMs(attempt: () => Promise<unknown>): Promise<number> {
  const taken: number[] = [];
  while (taken.length < TRIES) {
    const start = performance.now();
    await attempt();
    taken.push(performance.now() - start);
  }
  return Math.min(...taken);
}

/** A page, complete. @throws when its status is an error. */
export async function htmlOf(url: string): Promise<string> {
  const response = await fetch(url);
  const html = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return html;
}
