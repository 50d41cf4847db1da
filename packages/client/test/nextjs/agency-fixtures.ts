import type { BrowserContext } from "playwright-core";
import { browserTest } from "../browser-fixtures.ts";
import { type Agency, openAgency } from "./agency.ts";
import { buildSite } from "./build-site.ts";

/** For the first test of a file, which may have to build the site. */
export const BUILD_MS_MAX = 10 * 60_000;

/** For visits to many pages, on a busy machine. */
export const VISITS_MS_MAX = 120_000;

/** Tests of the example site, in production or in development, which share it with the other tests of their file. */
export function agencyTest(command: "start" | "dev") {
  return browserTest.extend<{ agency: Agency }>({
    agency: [
      async ({ task: _ }, use) => {
        await buildSite();
        const agency = await openAgency(command);
        await use(agency);
        await agency.close();
      },
      { scope: "file" },
    ],
  });
}

/** The cookie by which the site identifies a visitor. */
export async function viewerCookie(context: BrowserContext): Promise<string | undefined> {
  return (await context.cookies()).find(({ name }) => name === "viewer_id")?.value;
}
