import { test } from "@model-views/testing/fixtures.ts";
import { aModel } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const KEY = "a-key-of-the-website";

type Headers = Record<string, string>;
const post = (url: string, body: object, headers: Headers = {}) =>
  fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", "user-agent": FIREFOX, ...headers },
  });

describe("who viewed, as processes", () => {
  test("people behind a proxy that writes ports are themselves, each with a country and a limit", async ({
    db,
    start,
  }) => {
    const env = { TRUST_PROXY: "1", VIEWER_MODE: "cookieless", RATE_LIMIT_PER_MINUTE: "2" };
    const [ingest, modelId] = [await start("ingest", { ...env, SERVER_KEYS: KEY }), await aModel(db)];
    await start("worker");
    const from = (address: string) =>
      post(`${ingest.url}/v1/views`, { modelId }, { "x-forwarded-for": address });
    const people = ["193.99.144.80", "8.8.8.8", "[2001:4860:4860::8888]", "133.11.0.1"];
    for (const person of people) expect((await from(`${person}:54321`)).status).toBe(202);
    expect((await from("193.99.144.80:54322")).status).toBe(202);
    expect((await from("193.99.144.80:54323")).status).toBe(429);
    const views = () =>
      db.$client.query<{ country: string; views: number; viewers: number }>(
        "select country, count(*)::int as views, count(distinct viewer_identifier)::int as viewers from model_views group by 1 order by 1",
      );
    await expect
      .poll(async () => (await views()).rows)
      .toEqual([
        { country: "DE", views: 2, viewers: 1 },
        { country: "JP", views: 1, viewers: 1 },
        { country: "US", views: 2, viewers: 2 },
      ]);
  });

  test("a website passes views on under its key; a header without it is not believed, and the log says so", async ({
    db,
    start,
  }) => {
    const [ingest, modelId] = [
      await start("ingest", { SERVER_KEYS: KEY, STORE_IP: "full" }),
      await aModel(db),
    ];
    await start("worker");
    const passedOn = { origin: "https://www.example.org", "model-views-client-address": "203.0.113.9" };
    const views = `${ingest.url}/v1/views`;
    for (const key of [KEY, "a-guess-of-a-key"]) {
      expect((await post(views, { modelId }, { ...passedOn, authorization: `Bearer ${key}` })).status).toBe(
        202,
      );
    }
    await post(views, { modelId }, passedOn);
    const addresses = () =>
      db.$client.query("select ip_address, count(*)::int as views from model_views group by 1 order by 1");
    await expect
      .poll(async () => (await addresses()).rows)
      .toEqual([
        { ip_address: "127.0.0.1", views: 2 },
        { ip_address: "203.0.113.9", views: 1 },
      ]);
    const warnings = ingest.logged.filter((line) => line.includes('"level":"warn"'));
    expect(warnings).toEqual([expect.stringContaining("without one of SERVER_KEYS")]);
  });

  test("views of addresses that are left out are counted, and not stored", async ({ db, start }) => {
    const [ingest, modelId] = [
      await start("ingest", { IGNORE_ADDRESSES: "127.0.0.0/8,::1" }),
      await aModel(db),
    ];
    await start("worker");
    expect(await (await post(`${ingest.url}/v1/views`, { modelId })).json()).toEqual({ ignored: true });
    const views = [
      { modelId, viewerId: "own", ipAddress: "127.0.0.7" },
      { modelId, viewerId: "other", ipAddress: "203.0.113.9" },
    ];
    const answer = await post(`${ingest.url}/v1/views/batch`, { views });
    expect(await answer.json()).toEqual({ accepted: 1, rejected: [], ignored: 1 });
    const metrics = await (await fetch(`${ingest.adminUrl}/metrics`)).text();
    expect(metrics).toContain('model_views_ingest_ignored_views_total{reason="address"} 2');
    await expect
      .poll(async () => (await db.$client.query("select count(*)::int as views from model_views")).rows)
      .toEqual([{ views: 1 }]);
  });

  test("first posts to several replicas, before the cookie is kept, are of one viewer", async ({
    db,
    start,
  }) => {
    const replicas = await Promise.all([start("ingest"), start("ingest"), start("worker")]);
    const modelId = await aModel(db);
    const cookies = new Set<string | null>();
    for (const { url } of replicas.slice(0, 2)) {
      for (let i = 0; i < 2; i += 1) {
        const answer = await post(`${url}/v1/views`, { modelId }, { origin: "http://localhost:3000" });
        cookies.add(answer.headers.get("set-cookie"));
      }
    }
    expect(cookies.size).toBe(1);
    const figures = () => db.$client.query("select total_views, unique_viewers from model_totals");
    await expect
      .poll(async () => (await figures()).rows.map((row) => Object.values(row).map(Number)))
      .toEqual([[4, 1]]);
  });
});
