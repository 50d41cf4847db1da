import { recordViews } from "@model-views/db/views/record-views.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { type Api, test } from "./api.ts";

/** The lines of a CSV answer. */
async function linesOf(api: Api, path: string, headers: Record<string, string> = {}): Promise<string[]> {
  const response = await api.ask(path, { headers });
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8; header=present");
  const text = await response.text();
  expect(text).toMatch(/\r\n$/);
  return text.trimEnd().split("\r\n");
}

describe("every list as CSV", () => {
  test("has a header, and a row for each item with the figures of the JSON", async ({ db, api }) => {
    const modelId = await aModel(db, { name: "Anna, the first", category: "women" });
    await recordViews(db.$client, [aView({ modelId, viewedAt: "2026-11-20T10:00:00.000Z", os: "iOS" })]);
    const last = "2026-11-20T10:00:00.000Z";
    const lists = {
      "/v1/models/top": [
        "modelId,name,category,totalViews,uniqueViews,lastViewedAt",
        `${modelId},"Anna, the first",women,1,1,${last}`,
      ],
      [`/v1/models/stats?ids=${modelId}`]: [
        "modelId,totalViews,uniqueViews,lastViewedAt",
        `${modelId},1,1,${last}`,
      ],
    };
    for (const [path, lines] of Object.entries(lists)) {
      const [at = "", query = ""] = path.split("?");
      expect(await linesOf(api, path, { accept: "text/csv" })).toEqual(lines);
      expect(await linesOf(api, `${at}?${query}&format=csv`)).toEqual(lines);
      const json = await api.ask(path, { headers: { accept: "text/html,*/*" } });
      expect(json.headers.get("content-type")).toMatch(/^application\/json/);
    }
    expect(await linesOf(api, "/v1/models?format=csv")).toEqual([
      "id,name,category,createdAt",
      expect.stringMatching(new RegExp(`^${modelId},"Anna, the first",women,20`)),
    ]);
  });

  test.for(["=1+1", "+1", "-1", "@x", "\t=1", "＝1"])(
    "%j is no formula in a spreadsheet",
    async (name, { db, api }) => {
      const modelId = await aModel(db, { name });
      const [, line = ""] = await linesOf(api, "/v1/models?format=csv");
      expect(
        line
          .slice(modelId.length + 1)
          .replace(/^"/, "")
          .slice(0, 1),
      ).toBe("'");
    },
  );

  test("has all models, more than a page of them", async ({ db, api }) => {
    await db.$client.query(
      "insert into models (id, name) select gen_random_uuid(), 'model ' || i from generate_series(1, 2500) i",
    );
    const lines = await linesOf(api, "/v1/models?format=csv");
    expect(new Set(lines).size).toBe(2_501);
  });

  test.for(["a\n=1+1", "a\r=1+1"])("%j stays in its field", async (name, { db, api }) => {
    const modelId = await aModel(db, { name });
    const response = await api.ask("/v1/models?format=csv");
    expect(await response.text()).toContain(`${modelId},"${name}",`);
  });

  test("a database that fails is a problem answer", async ({ db, api }) => {
    await db.$client.query("alter table models rename to mislaid");
    const response = await api.ask("/v1/models?format=csv");
    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  test("HEAD is answered with the headers alone, an empty list with the header row", async ({ api }) => {
    const head = await api.ask("/v1/models?format=csv", { method: "HEAD" });
    expect([head.status, head.headers.get("vary"), await head.text()]).toEqual([200, "Accept", ""]);
    expect(await linesOf(api, "/v1/models?format=csv")).toEqual(["id,name,category,createdAt"]);
  });

  test("another format is refused", async ({ api }) => {
    expect((await api.ask("/v1/models?format=xml")).status).toBe(422);
  });
});
