import type { Page } from "playwright-core";

declare global {
  interface Window {
    /** The router of Next.js, which its links use. */
    next?: { router: { push: (path: string) => void } };
  }
}

/** Goes to another page of the site without a reload, as a link does; resolves when it is shown. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => window.next?.router.push(to), path);
  await shown(page, path);
}

/** Clicks a link that can be seen; resolves when its page is shown. */
export async function follow(page: Page, name: string, path: string): Promise<void> {
  await page.getByRole("link", { name, exact: true }).first().click();
  await shown(page, path);
}

/** Goes back in the history, to a page that was reached without loading it. */
export async function goBack(page: Page, path: string): Promise<void> {
  await page.evaluate(() => history.back());
  await shown(page, path);
}

/** Hides or shows the page, as changing to another tab does. */
export async function turn(page: Page, visibilityState: "hidden" | "visible"): Promise<void> {
  await page.evaluate(turnDocument, visibilityState);
}

/** For `addInitScript`, too: a page that opens in the background. */
export function turnDocument(visibilityState: string): void {
  Object.defineProperty(document, "visibilityState", { value: visibilityState, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** The address changes with the page: Next.js keeps those that were left in the document, hidden. */
async function shown(page: Page, path: string): Promise<void> {
  await page.waitForURL((url) => url.pathname === path);
}
