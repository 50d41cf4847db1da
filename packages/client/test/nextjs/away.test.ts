import { beforeAll, describe, expect, test, vi } from "vitest";
import { siteSettings } from "./agency.ts";
import { BUILD_MS_MAX, VISITS_MS_MAX } from "./agency-fixtures.ts";
import { buildSite } from "./build-site.ts";
import { htmlOf, PAGE_MS_MAX, PAGES, quickestMs } from "./measure.ts";
import { startRelay } from "./relay.ts";
import { startSite } from "./running-site.ts";

vi.setConfig({ testTimeout: VISITS_MS_MAX });

beforeAll(buildSite, BUILD_MS_MAX);

describe.for([
  ["are down", "down"],
  ["hang", "hang"],
] as const)("a site whose ingest and stats API %s from the start", ([, how]) => {
  test("shows every page, in time", async () => {
    await using ingest = await startRelay();
    await using stats = await startRelay();
    await Promise.all([ingest[how](), stats[how]()]);
    await using site = await startSite("start", siteSettings(ingest, stats));
    for (const path of PAGES) {
      expect(await quickestMs(() => htmlOf(site.url + path), PAGE_MS_MAX), path).toBeLessThan(PAGE_MS_MAX);
    }
    expect(await htmlOf(site.url)).toContain("The counts are not here right now.");
    expect(await htmlOf(`${site.url}/models/idris-bello`)).toContain("The count is not here right now.");
  });
});
