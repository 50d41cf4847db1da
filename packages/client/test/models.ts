import type { Page } from "playwright-core";
import { eventually } from "./eventually.ts";
import type { StandIn } from "./stand-in.ts";

/** Models that do not exist. */
export const ANNA = "0190aaaa-0000-7000-8000-00000000000a";
export const BELLA = "0190bbbb-0000-7000-8000-00000000000b";
const LAST = "0190ffff-0000-7000-8000-00000000000f";

/**
 * The posted models. Shows a last model first and waits for its view, which comes after every view that the test may have
 * caused.
 */
export async function modelsUntilLast(page: Page, standIn: StandIn): Promise<string[]> {
  await painted(page);
  await page.evaluate((last) => {
    for (const element of document.querySelectorAll("[data-model-id]:not(script)")) element.remove();
    document.querySelector("script")?.setAttribute("data-model-id", last);
  }, LAST);
  await eventually(() => standIn.models()).toContain(LAST);
  return standIn.models().slice(0, -1);
}

/** Resolves when the page was painted. The script has checked it before. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}
