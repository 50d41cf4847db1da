import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { browserTest as test } from "./browser-fixtures.ts";
import { eventually } from "./eventually.ts";
import { startSystem } from "./statistics.ts";

const EXAMPLE = new URL("../../../examples/site/index.html", import.meta.url);

test("the example page, opened as localhost or 127.0.0.1, counts three loads of one browser as one viewer", async ({
  start,
  website,
  newVisitor,
}) => {
  const modelId = "00000000-0000-4000-8000-000000000001";
  const { ingest, stats } = await startSystem(start, {}, modelId);
  const html = await readFile(EXAMPLE, "utf8");
  expect(html).toContain(modelId);
  website.page("/", html.replaceAll(":4001/", `:${new URL(ingest.url).port}/`));
  for (const host of ["localhost", "127.0.0.1"]) {
    const { context, visit } = await newVisitor();
    const { page, errors, console } = await visit();
    for (let load = 1; load <= 3; load++) {
      // The cookie of one load is stored when the next begins.
      const answered = page.waitForResponse((response) => response.request().method() === "POST");
      await page.goto(website.url.replace("127.0.0.1", host));
      await answered;
    }
    expect(await context.cookies()).toMatchObject([{ name: "viewer_id", domain: host }]);
    expect([errors, console]).toEqual([[], []]);
  }
  await eventually(stats).toMatchObject({ totalViews: 6, uniqueViews: 2 });
});
