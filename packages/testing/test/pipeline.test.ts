import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE, type RunningService, spawnService } from "@model-views/testing/services.ts";
import type { System } from "@model-views/testing/system.ts";
import { aModel } from "@model-views/testing/views.ts";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, onTestFinished } from "vitest";

const json = { "content-type": "application/json" };

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const post = (url: string, view: object, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/views`, { method: "POST", body: JSON.stringify(view), headers: { ...json, ...headers } });

const stats = async (url: string, modelId: string) =>
  (await fetch(`${url}/v1/models/${modelId}/stats`)).json();

describe("the pipeline, as processes", () => {
  test("a view that is posted shows in the statistics, and a reload is the same viewer", async ({
    system: { ingest, statsApi, db },
  }) => {
    const modelId = await aModel(db);
    const browser = { "user-agent": FIREFOX };
    const first = await post(ingest.url, { modelId }, browser);
    expect(first.status).toBe(202);
    await expect
      .poll(() => storedOf(db, modelId), { message: "private unless asked otherwise" })
      .toEqual([{ ip_address: null, user_agent: null }]);
    const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await post(ingest.url, { modelId }, { ...browser, cookie })).status).toBe(202);
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 1 });
    expect((await post(ingest.url, { modelId }, browser)).status).toBe(202);
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 3, uniqueViews: 2 });
  });

  test("what is known of a browser's view is stored, and a bot's is stored and not counted", async ({
    system: { ingest, statsApi, db },
  }) => {
    const modelId = await aModel(db);
    const page = { origin: "http://localhost:3000" };
    const browser =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
    const bot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    const view = {
      modelId,
      referrer: "https://www.search.example/q?secret=1",
      path: "/anna?utm_source=mail",
    };
    await post(ingest.url, view, { ...page, "user-agent": browser });
    await post(ingest.url, view, { ...page, "user-agent": bot });
    await expect.poll(() => countViews(db, [modelId])).toBe(2);
    const { rows } = await db.$client.query(
      "select device, browser, os, referrer_host, utm_source, is_bot, ip_address, user_agent from model_views where model_id = $1 order by is_bot",
      [modelId],
    );
    const known = { referrer_host: "search.example", utm_source: "mail", ip_address: null, user_agent: null };
    expect(rows).toMatchObject([
      { device: "mobile", browser: "Safari", os: "iOS", is_bot: false, ...known },
      { is_bot: true, ...known },
    ]);
    expect(await stats(statsApi.url, modelId)).toMatchObject({ totalViews: 1, uniqueViews: 1 });
  });

  test("a viewer who asks for privacy is counted without a cookie, and once a day", async ({
    system: { ingest, statsApi, db },
  }) => {
    const modelId = await aModel(db);
    const asking = {
      origin: "http://localhost:3000",
      "sec-gpc": "1",
      "user-agent": FIREFOX,
    };
    for (let i = 0; i < 2; i += 1) {
      const answer = await post(ingest.url, { modelId }, asking);
      expect(answer.status).toBe(202);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 1 });
  });

  test("the same view posted again, to whichever replica, is accepted and counts once", async ({
    system,
  }) => {
    const { ingest: first, statsApi, db } = system;
    const second = await replica("ingest", system);
    const modelId = await aModel(db);
    const timed = { modelId, id: randomUUID(), viewedAt: new Date().toISOString(), viewerIdentifier: "a" };
    const inside = { modelId, id: uuidv7(), viewerIdentifier: "a" };
    for (const view of [timed, inside, timed, inside]) {
      for (const { url } of [first, second]) expect((await post(url, view)).status).toBe(202);
    }
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 1 });
    expect((await post(first.url, { modelId, viewerIdentifier: "b" })).status).toBe(202);
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 3, uniqueViews: 2 });
  });

  test("1,000 posts at once: all accepted, all counted, no deadlock", async ({ system }) => {
    const { ingest, worker, db } = system;
    const workers = [worker, await replica("worker", system)];
    const models = await Promise.all(Array.from({ length: 20 }, () => aModel(db)));
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        post(ingest.url, { modelId: models[i % 20], viewerIdentifier: `viewer ${i % 50}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(1_000).fill(202));
    await expect.poll(() => countViews(db, models), { timeout: 15_000 }).toBe(1_000);
    expect(await verifyRollups(db)).toEqual([]);
    // A worker whose statement PostgreSQL ends to resolve a deadlock logs it.
    for (const { logged } of workers)
      expect(logged.filter((line) => /"error"|"warn"/.test(line))).toEqual([]);
  });

  test("SIGTERM under load: every process is gone within its deadline, and nothing accepted is lost", async ({
    db,
    start,
  }) => {
    const [ingest, worker] = await Promise.all([start("ingest"), start("worker")]);
    const modelId = await aModel(db);
    let accepted = 0;
    let stopping = false;
    const load = Array.from({ length: 16 }, async () => {
      while (!stopping) {
        try {
          const answer = await post(ingest.url, { modelId, id: randomUUID(), viewerIdentifier: "a" });
          if (answer.status === 202) accepted += 1;
          await answer.arrayBuffer();
        } catch {
          // Refused or cut off: not accepted.
          break;
        }
      }
    });
    await expect.poll(() => countViews(db)).toBeGreaterThan(200);
    const codes = await Promise.all([worker.kill("SIGTERM"), ingest.kill("SIGTERM")]);
    stopping = true;
    await Promise.all(load);
    expect(codes).toEqual([0, 0]);
    await start("worker");
    await expect.poll(() => countViews(db), { timeout: 15_000 }).toBeGreaterThanOrEqual(accepted);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a worker that is killed loses no view and counts none twice", async ({ db, start }) => {
    const ingest = await start("ingest");
    const modelId = await aModel(db);
    for (let i = 0; i < 40; i += 1) {
      const views = Array.from({ length: 250 }, () => ({ modelId, viewerIdentifier: `viewer ${i}` }));
      const answer = await fetch(`${ingest.url}/v1/views/batch`, {
        method: "POST",
        body: JSON.stringify({ views }),
        headers: json,
      });
      expect(await answer.json()).toMatchObject({ accepted: 250 });
    }
    const killed = await start("worker", { JOBS_IN_FLIGHT_MAX: "4", INSERT_VIEWS_MAX: "250" });
    await expect.poll(() => countViews(db), { interval: 5 }).toBeGreaterThan(0);
    await killed.kill("SIGKILL");
    await start("worker");
    await expect.poll(() => countViews(db), { timeout: 20_000 }).toBe(10_000);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("a worker whose connections PostgreSQL ends goes on, in the same process", async ({ db, start }) => {
    const [ingest, worker] = await Promise.all([start("ingest"), start("worker")]);
    const modelId = await aModel(db);
    await post(ingest.url, { modelId });
    await expect.poll(() => countViews(db)).toBe(1);
    await db.$client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'model-views worker' and datname = current_database()",
    );
    await post(ingest.url, { modelId });
    await expect.poll(() => countViews(db)).toBe(2);
    expect(await worker.kill("SIGTERM")).toBe(0);
  });

  test("a connection on which nothing was sent does not stop a service from ending in time", async ({
    start,
  }) => {
    const services = await Promise.all([start("ingest"), start("worker"), start("stats-api")]);
    const silent = services.map(({ url }) => connect(Number(new URL(url).port), "127.0.0.1"));
    for (const socket of silent) socket.on("error", () => {});
    await Promise.all(silent.map((socket) => once(socket, "connect")));
    expect(await Promise.all(services.map(({ kill }) => kill("SIGTERM")))).toEqual([0, 0, 0]);
    for (const socket of silent) socket.destroy();
  });

  test("a service whose launcher is killed ends on its own, though its log is not read any more", async ({
    databaseUrl,
    redisUrl,
    redis,
  }) => {
    expect(await redis.ping()).toBe("PONG");
    const dataDir = await mkdtemp(join(tmpdir(), "model-views-launched-"));
    const launcher = spawn(process.execPath, [fileURLToPath(new URL("launcher.ts", import.meta.url))], {
      env: { ...COMPILE_CACHE, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, DATA_DIR: dataDir },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(launcher.stdout, "data")) as [Buffer];
    const pids = JSON.parse(line.toString()) as number[];
    launcher.kill("SIGKILL");
    for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
    await rm(dataDir, { recursive: true });
  });

  test("in production a stats key reads and does not change, and nothing is read without a key", async ({
    db,
    start,
  }) => {
    const modelId = await aModel(db);
    const env = { NODE_ENV: "production", STATS_KEYS: "a-key-that-reads", ADMIN_KEYS: "a-key-that-changes" };
    const { url } = await start("stats-api", env);
    const ask = async (method: string, key?: string) => {
      const headers = { ...json, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) };
      const body = method === "PUT" ? { body: JSON.stringify({ name: "Anna" }) } : {};
      return (await fetch(`${url}/v1/models/${modelId}`, { method, headers, ...body })).status;
    };
    expect(await ask("GET")).toBe(401);
    expect(await ask("GET", "a-key-that-reads")).toBe(200);
    expect(await ask("PUT", "a-key-that-reads")).toBe(401);
    expect(await ask("PUT", "a-key-that-changes")).toBe(200);
  });

  test("views that are accepted while no worker runs are recorded when one does", async ({ db, start }) => {
    const ingest = await start("ingest");
    const modelId = await aModel(db);
    expect((await post(ingest.url, { modelId })).status).toBe(202);
    await start("worker");
    await expect.poll(() => countViews(db)).toBe(1);
  });

  test.for([
    [
      "ingest",
      ["REDIS_URL", "VIEWER_ID_SALT", "INGEST_PORT", "COUNTRY_DATABASE", "SPAM_REFERRERS"],
      {
        REDIS_URL: "nowhere",
        VIEWER_ID_SALT: "short",
        INGEST_PORT: "x",
        COUNTRY_DATABASE: "nowhere.mmdb",
        SPAM_REFERRERS: "com",
      },
    ],
    [
      "worker",
      ["DATABASE_URL", "REDIS_URL", "JOBS_IN_FLIGHT_MAX"],
      { DATABASE_URL: "", REDIS_URL: "", JOBS_IN_FLIGHT_MAX: "0" },
    ],
    ["stats-api", ["DATABASE_URL", "STATS_KEYS", "ADMIN_KEYS"], { NODE_ENV: "production", DATABASE_URL: "" }],
  ] as const)(
    "%s stops at once with wrong settings, and names each",
    async ([name, variables, env], { start }) => {
      const started = start(name, env);
      await expect(started).rejects.toThrow(/ended with 78/);
      for (const variable of variables) await expect(started).rejects.toThrow(variable);
    },
  );
});

type Db = Parameters<typeof verifyRollups>[0];

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A further process of a service, for the test alone. */
async function replica(name: "ingest" | "worker", { env }: System): Promise<RunningService> {
  const service = await spawnService(name, env);
  onTestFinished(async () => void (await service.kill("SIGKILL")));
  return service;
}

/** Views of these models that are stored; of all models by default. */
async function countViews(db: Db, models?: string[]): Promise<number> {
  const { rows } = await db.$client.query<{ views: number }>(
    "select count(*)::int as views from model_views where $1::uuid[] is null or model_id = any ($1)",
    [models],
  );
  return rows[0]?.views ?? 0;
}

async function storedOf(db: Db, modelId: string): Promise<Record<string, unknown>[]> {
  const { rows } = await db.$client.query(
    "select ip_address, user_agent from model_views where model_id = $1",
    [modelId],
  );
  return rows;
}
