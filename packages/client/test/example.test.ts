import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { startSystem } from "./statistics.ts";

const EXAMPLE = new URL("../../../examples/site/index.html", import.meta.url);

test("the example page counts its model", async ({ start, website, visit }) => {
  const modelId = "00000000-0000-4000-8000-000000000001";
  const { ingest, stats } = await startSystem(start, {}, modelId);
  const html = await readFile(EXAMPLE, "utf8");
  expect(html).toContain(modelId);
  website.page("/", html.replaceAll("http://127.0.0.1:4001", ingest.url));
  await visit.page.goto(website.url);
  await eventually(stats).toMatchObject({ totalViews: 1, uniqueViews: 1 });
  expect([visit.errors, visit.console]).toEqual([[], []]);
});
