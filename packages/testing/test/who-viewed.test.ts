import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "@model-views/testing/own-redis.ts";
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
  test("people behind a proxy that writes ports are separate viewers, each with a country and a limit", async ({
    db,
    start,
  }) => {
    const env = { HOST: "0.0.0.0", TRUST_PROXY: "1", VIEWER_MODE: "cookieless", RATE_LIMIT_PER_MINUTE: "2" };
    const [ingest, modelId] = [await start("ingest", { ...env, SERVER_KEYS: KEY }), await aModel(db)];
    await start("worker");
    expect(ingest.logged.filter((line) => line.includes('"kind":"trust-by-count"'))).toHaveLength(1);
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

  test("a website passes views on under its key; a header without the key is ignored, and logged", async ({
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

  test("first posts to several replicas, before the browser has the cookie, are of one viewer", async ({
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
    const totals = () => db.$client.query("select total_views, unique_viewers from model_totals");
    await expect
      .poll(async () => (await totals()).rows.map((row) => Object.values(row).map(Number)))
      .toEqual([[4, 1]]);
  });
});

/** Parts of a request that must not be stored, each with a text to search for. */
const UNSTORED = {
  address: "193.99.144.80",
  "server's address": "2001:db8:77::9",
  "user agent": "Privat/7.31",
  cookie: "6f1b0a5e-0c1f-4d7e-9a38-3f0f4f0e6a11",
  "website's own id": "member-of-the-website",
  "page before": "word-that-was-searched",
  "rest of the page's address": "session-in-the-address",
  "page token": "token-of-the-page",
  key: KEY,
};

/** The content of every file below a folder, as bytes. */
async function onDisk(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, "latin1").catch(() => "")))).join("\n");
}

test("what is not to be stored leaves ingest neither to Redis nor to the spool nor to a log, of good views and bad ones", async ({
  start,
  folder,
  ownRedis,
}) => {
  const ingest = await start("ingest", {
    REDIS_URL: ownRedis.url,
    DATA_DIR: folder,
    LOG_LEVEL: "trace",
    SERVER_KEYS: KEY,
    TRUST_PROXY: "1",
  });
  const browser = {
    "x-forwarded-for": UNSTORED.address,
    "user-agent": `${FIREFOX} ${UNSTORED["user agent"]}`,
    cookie: `viewer_id=${UNSTORED.cookie}`,
    origin: "http://localhost:3000",
  };
  const server = { authorization: `Bearer ${UNSTORED.key}` };
  const view = (modelId: string) => ({
    modelId,
    referrer: `https://search.example/find?q=${UNSTORED["page before"]}`,
    path: `/anna/${UNSTORED["rest of the page's address"]}?utm_source=letter`,
    token: UNSTORED["page token"],
  });
  const ofServer = {
    viewerId: UNSTORED["website's own id"],
    ipAddress: UNSTORED["server's address"],
    userAgent: browser["user-agent"],
  };
  const places = {
    queue: "0190aaaa-0000-7000-8000-00000000000a",
    spool: "0190bbbb-0000-7000-8000-00000000000b",
  };
  for (const [place, modelId] of Object.entries(places)) {
    if (place === "spool") ownRedis.kill("SIGKILL");
    const url = `${ingest.url}/v1/views`;
    expect((await post(url, view(modelId), browser)).status).toBe(202);
    expect((await post(url, { ...view(modelId), ...ofServer }, server)).status).toBe(202);
    const bad = { ...view("no model"), viewedAt: "yesterday" };
    expect((await post(url, bad, browser)).status).toBe(422);
    expect((await post(url, { ...bad, ...ofServer }, server)).status).toBe(422);
    await post(`${url}/batch`, { views: [{ ...bad, ...ofServer }] }, server);
    await fetch(`${url}/${modelId}.gif?path=/${UNSTORED["rest of the page's address"]}`, {
      headers: browser,
    });
  }
  const written = await onDisk(folder);
  for (const there of [...Object.values(places), "search.example", "letter"])
    expect(written).toContain(there);
  const everywhere = written + ingest.logged.join("\n");
  expect(Object.entries(UNSTORED).filter(([, text]) => everywhere.includes(text))).toEqual([]);
});
