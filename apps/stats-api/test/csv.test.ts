import { recordViews } from "@model-views/db/recording/record-views.ts";
import { closeServer, listen, portOf } from "@model-views/shared/http/http-server.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import express from "express";
import { describe, expect } from "vitest";
import { sendCsv } from "../src/http/csv.ts";
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
  test("has a header, and a row for each item with the fields of the JSON", async ({ db, api }) => {
    const modelId = await aModel(db, { name: "Anna, the first", category: "women" });
    await recordViews(db.$client, [aView({ modelId, viewedAt: "2026-11-20T10:00:00.000Z", os: "iOS" })]);
    const last = "2026-11-20T10:00:00.000Z";
    const lists = {
      "/v1/models/top": [
        "modelId,name,category,totalViews,uniqueViews,lastViewedAt",
        `${modelId},"Anna, the first",women,1,1,${last}`,
      ],
      "/v1/models/top?from=2026-11-20&to=2026-11-21": [
        "modelId,name,category,totalViews,uniqueViews,lastViewedAt",
        `${modelId},"Anna, the first",women,1,1,${last}`,
      ],
      [`/v1/models/stats?ids=${modelId}`]: [
        "modelId,totalViews,uniqueViews,lastViewedAt",
        `${modelId},1,1,${last}`,
      ],
      [`/v1/models/stats?ids=${modelId}&from=2026-11-21`]: [
        "modelId,totalViews,uniqueViews,lastViewedAt",
        `${modelId},0,0,`,
      ],
      "/v1/timeseries?from=2026-11-20&to=2026-11-21": [
        "start,views,uniqueViews",
        "2026-11-20T00:00:00.000Z,1,1",
      ],
      [`/v1/models/${modelId}/timeseries?from=2026-11-20&to=2026-11-21&compare=previous`]: [
        "period,start,views,uniqueViews",
        "previous,2026-11-19T00:00:00.000Z,0,0",
        "asked,2026-11-20T00:00:00.000Z,1,1",
      ],
      "/v1/breakdown?by=os": ["value,views,uniqueViews,share", "iOS,1,1,1"],
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

  test.for(["=1+1", "+1", "-1", "@x", "\t=1", "\n=1", "＝1"])(
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

  test("begins with a byte order mark for Excel with bom=1, and not otherwise", async ({ db, api }) => {
    await aModel(db, { name: "Zoë" });
    const bytesOf = async (path: string) => Buffer.from(await (await api.ask(path)).arrayBuffer());
    const plain = await bytesOf("/v1/models?format=csv");
    const marked = await bytesOf("/v1/models?format=csv&bom=1");
    expect(marked.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    expect(marked.subarray(3)).toEqual(plain);
    expect(await bytesOf("/v1/models?format=csv&bom=0")).toEqual(plain);
    for (const path of [
      "/v1/models/top?",
      "/v1/timeseries?from=2026-11-20&to=2026-11-21&",
      "/v1/breakdown?by=os&",
    ]) {
      const csv = await bytesOf(`${path}format=csv&bom=1`);
      expect(csv.subarray(0, 3).toString("hex"), path).toBe("efbbbf");
      expect((await bytesOf(`${path}bom=1`)).subarray(0, 1).toString(), path).toBe("{");
    }
    expect((await api.ask("/v1/models?format=csv&bom=yes")).status).toBe(422);
  });

  test("has all models, more than a page of them", async ({ db, api }) => {
    await db.$client.query(
      "insert into models (id, name) select gen_random_uuid(), 'model ' || i from generate_series(1, 2500) i",
    );
    const lines = await linesOf(api, "/v1/models?format=csv");
    expect(new Set(lines).size).toBe(2_501);
  });

  test("of models has at most `limit` rows, from the cursor on", async ({ db, api }) => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => aModel(db)));
    const sorted = ids.toSorted();
    const idsOf = (lines: string[]) => lines.slice(1).map((line) => line.split(",")[0]);
    expect(idsOf(await linesOf(api, "/v1/models?format=csv&limit=2"))).toEqual(sorted.slice(0, 2));
    const { next } = (await api.json("/v1/models?limit=2")) as { next: string };
    const rest = `/v1/models?format=csv&cursor=${encodeURIComponent(next)}`;
    expect(idsOf(await linesOf(api, `${rest}&limit=2`))).toEqual(sorted.slice(2, 4));
    expect(idsOf(await linesOf(api, rest))).toEqual(sorted.slice(2));
    expect((await api.ask("/v1/models?format=csv&limit=1001")).status).toBe(422);
  });

  test("has a header when retention has removed views of the period", async ({ db, api }) => {
    const modelId = await aModel(db);
    const viewOf = (day: string) => aView({ modelId, viewedAt: `${day}T10:00:00.000Z`, os: "iOS" });
    await recordViews(db.$client, [viewOf("2026-07-31"), viewOf("2026-08-01")]);
    await db.$client.query("insert into retired_months values ('2026-07-01')");
    const incomplete = async (path: string) =>
      (await api.ask(`${path}&format=csv`)).headers.get("model-views-incomplete");
    for (const path of ["/v1/breakdown?by=os", "/v1/models/top?sort=total"]) {
      expect(await incomplete(`${path}&from=2026-07-31&to=2026-08-02`)).toBe("true");
      expect(await incomplete(`${path}&from=2026-08-01&to=2026-08-02`)).toBeNull();
    }
  });

  test.for(["a\n=1+1", "a\r=1+1", "a;=1+1", "a\t=1+1"])(
    "%j stays in its field",
    async (name, { db, api }) => {
      const modelId = await aModel(db, { name });
      const response = await api.ask("/v1/models?format=csv");
      expect(await response.text()).toContain(`${modelId},"${name}",`);
    },
  );

  test("a database that fails is a problem answer", async ({ db, api }) => {
    await db.$client.query("alter table models rename to mislaid");
    const response = await api.ask("/v1/models?format=csv");
    expect(response.status).toBe(500);
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  });

  test("HEAD is answered with headers only, an empty list with the header row", async ({ api }) => {
    const head = await api.ask("/v1/models?format=csv", { method: "HEAD" });
    expect([head.status, head.headers.get("vary"), await head.text()]).toEqual([
      200,
      "Authorization, Accept",
      "",
    ]);
    expect(await linesOf(api, "/v1/models?format=csv")).toEqual(["id,name,category,createdAt"]);
  });

  test("a database that fails half-way is an error, a reader who leaves is none", async () => {
    async function* rows(fails: boolean) {
      for (let id = 0; id < 100_000; id += 1) {
        if (fails && id === 50_000) throw new Error("PostgreSQL is away");
        yield { id };
      }
    }
    const errors: unknown[] = [];
    const app = express();
    app.get("/:what", async (request, response) => {
      await sendCsv(response, ["id"], rows(request.params["what"] === "fails"), {}).catch((error) =>
        errors.push(error),
      );
      errors.push("through");
    });
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    const url = `http://127.0.0.1:${portOf(server)}`;
    await expect(fetch(`${url}/fails`).then((response) => response.text())).rejects.toThrow();
    await expect.poll(() => errors).toEqual([new Error("PostgreSQL is away"), "through"]);
    const response = await fetch(`${url}/works`);
    await response.body?.cancel();
    await expect.poll(() => errors).toHaveLength(3);
    expect(errors[2]).toBe("through");
    await closeServer(server);
  });

  test("another format is refused", async ({ api }) => {
    expect((await api.ask("/v1/models?format=xml")).status).toBe(422);
  });
});
