import { cp, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect } from "vitest";
import { test } from "../../../testing/src/fixtures.ts";
import { createModelViews } from "../../src/create-model-views.ts";
import { USER_AGENT } from "../browser-fixtures.ts";
import { startSystem } from "../statistics.ts";
import { BUILD_MS_MAX } from "./agency-fixtures.ts";
import { buildSite, run, siteFolder } from "./build-site.ts";
import { nextOf, startSite } from "./running-site.ts";

const BUILT = "00000000-0000-4000-8000-000000000001";
const NOT_BUILT = "00000000-0000-4000-8000-000000000002";

const source = fileURLToPath(new URL("./revalidate", import.meta.url));
const folder = join(siteFolder, "..", "revalidate");

/** Without Cache Components, where pages are static and `revalidate` says for how long. */
beforeAll(async () => {
  await buildSite();
  await rm(folder, { recursive: true, force: true });
  await cp(source, folder, { recursive: true });
  await symlink(join(siteFolder, "node_modules"), join(folder, "node_modules"), "dir");
  await run(folder, [nextOf(siteFolder), "build"], { NEXT_TELEMETRY_DISABLED: "1" });
}, BUILD_MS_MAX);

test("a static page that revalidates shows new counts, whether it was built or not", {
  timeout: 120_000,
}, async ({ start }) => {
  const { ingest, statsApi } = await startSystem(start, {}, BUILT);
  const modelViews = createModelViews({ ingestUrl: ingest.url, statsUrl: statsApi.url, timeoutMs: 10_000 });
  await modelViews.orThrow.putModel({ id: NOT_BUILT, name: "Bella" });
  await using site = await startSite("start", { STATS_URL: statsApi.url }, folder);
  const statuses = new Set<number>();
  const pageOf = async (id: string) => {
    const response = await fetch(`${site.url}/models/${id}`);
    statuses.add(response.status);
    return response.text();
  };
  for (const views of [1, 2]) {
    for (const id of [BUILT, NOT_BUILT]) {
      await modelViews.orThrow.trackModelView(id, "0".repeat(64), { userAgent: USER_AGENT });
      await expect.poll(() => pageOf(id)).toContain(`<p>${views} views</p>`);
    }
  }
  expect([...statuses]).toEqual([200]);
});
