import { randomUUID } from "node:crypto";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { aModel } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const json = { "content-type": "application/json" };

const post = (url: string, view: object, headers: Record<string, string> = {}) =>
  fetch(`${url}/v1/views`, { method: "POST", body: JSON.stringify(view), headers: { ...json, ...headers } });

const stats = async (url: string, modelId: string) =>
  (await fetch(`${url}/v1/models/${modelId}/stats`)).json();

describe("the pipeline, as processes", () => {
  test("a view that is posted shows in the statistics, and a reload is the same viewer", async ({
    db,
    start,
  }) => {
    const [ingest, statsApi] = await Promise.all([start("ingest"), start("stats-api"), start("worker")]);
    const modelId = await aModel(db);
    const first = await post(ingest.url, { modelId });
    expect(first.status).toBe(202);
    const cookie = first.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect((await post(ingest.url, { modelId }, { cookie })).status).toBe(202);
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 2, uniqueViews: 1 });
    expect((await post(ingest.url, { modelId })).status).toBe(202);
    await expect.poll(() => stats(statsApi.url, modelId)).toMatchObject({ totalViews: 3, uniqueViews: 2 });
  });

  test("1,000 posts at once: all accepted, all counted, no deadlock", async ({ db, start }) => {
    const [ingest, worker] = await Promise.all([start("ingest"), start("worker"), start("worker")]);
    const models = await Promise.all(Array.from({ length: 20 }, () => aModel(db)));
    const deadlocksBefore = await deadlocks(db);
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        post(ingest.url, { modelId: models[i % 20], viewerIdentifier: `viewer ${i % 50}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(1_000).fill(202));
    await expect.poll(() => countViews(db), { timeout: 15_000 }).toBe(1_000);
    expect(await verifyRollups(db)).toEqual([]);
    expect(await deadlocks(db)).toBe(deadlocksBefore);
    expect(worker.logged.filter((line) => line.includes('"error"'))).toEqual([]);
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
      ["REDIS_URL", "VIEWER_ID_SALT", "INGEST_PORT"],
      { REDIS_URL: "nowhere", VIEWER_ID_SALT: "short", INGEST_PORT: "x" },
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

async function countViews(db: Db): Promise<number> {
  const { rows } = await db.$client.query<{ views: number }>(
    "select count(*)::int as views from model_views",
  );
  return rows[0]?.views ?? 0;
}

async function deadlocks(db: Db): Promise<number> {
  const { rows } = await db.$client.query<{ deadlocks: number }>(
    "select deadlocks::int from pg_stat_database where datname = current_database()",
  );
  return rows[0]?.deadlocks ?? 0;
}
