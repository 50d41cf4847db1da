import { setImmediate } from "node:timers/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";
import { test, withApi } from "./api.ts";
import { statementsOf } from "./counting.ts";
import { aStore } from "./store.ts";

const TIMES = 100;

test.for([
  ["an export", "/v1/viewers/busy"],
  ["a list of models as CSV", "/v1/models?format=csv"],
  ["a list of models", "/v1/models"],
  ["a breakdown", "/v1/breakdown?by=device"],
] as const)("a reader who leaves %s at any moment releases the connection", async ([, path], { db, api }) => {
  const modelId = await aModel(db);
  await recordViews(
    db.$client,
    Array.from({ length: 2_500 }, () => aView({ modelId, viewerIdentifier: "busy" })),
  );
  for (let moment = 0; moment < TIMES; moment += 1) {
    const leaving = new AbortController();
    const answered = api.ask(path, { signal: leaving.signal }).then(
      (response) => response.body,
      () => null,
    );
    for (let turn = 0; turn < moment * 2; turn += 1) await setImmediate();
    leaving.abort();
    await answered;
  }
  await expect.poll(() => inUse(db)).toBe(0);
  await expect.poll(() => openTransactions(db)).toBe(0);
});

describe("a reader who leaves while the question hangs", () => {
  const waiting = async (db: Db) => (await db.$client.query(WAITING)).rowCount;
  const WAITING = `select from pg_stat_activity
    where wait_event_type = 'Lock' and datname = current_database()`;

  /** Locks a table while `work` runs. The pool has the lock's connection in use too. */
  async function whileLocked(db: Db, table: string, work: () => Promise<void>): Promise<void> {
    const holder = await db.$client.connect();
    try {
      await holder.query(`begin; lock table ${table} in access exclusive mode`);
      await work();
    } finally {
      await holder.query("rollback");
      holder.release();
    }
  }

  test("ends the statement and the transaction, and releases the connection", async ({ db, api }) => {
    const modelId = await aModel(db);
    for (const [table, path] of [
      ["model_views", "/v1/breakdown?by=device"],
      ["model_views", "/v1/models/top?bots=include"],
      ["models", `/v1/models/${modelId}/timeseries`],
      ["model_totals", `/v1/models/${modelId}/stats`],
      ["models", "/v1/models?format=csv"],
    ] as const) {
      await whileLocked(db, table, async () => {
        const leaving = new AbortController();
        const asked = api.ask(path, { signal: leaving.signal });
        await expect.poll(() => waiting(db)).toBe(1);
        leaving.abort();
        await expect(asked).rejects.toThrow(/abort/);
        await expect.poll(() => [inUse(db), db.$client.waitingCount]).toEqual([1, 0]);
        // Only the lock's own transaction is left.
        expect([path, await openTransactions(db)]).toEqual([path, 1]);
      });
    }
  });

  test("leaves the others who wait for the same answer alone, until the last has left", async ({
    db,
    api,
  }) => {
    await whileLocked(db, "model_views", async () => {
      const readers = Array.from({ length: 3 }, () => new AbortController());
      const asked = readers.map(({ signal }) => api.ask("/v1/breakdown?by=os", { signal }));
      const ended = Promise.allSettled(asked);
      await expect.poll(() => waiting(db)).toBe(1);
      readers[0]?.abort();
      await expect(asked[0]).rejects.toThrow(/abort/);
      expect(await waiting(db)).toBe(1);
      for (const reader of readers) reader.abort();
      await ended;
      await expect.poll(() => openTransactions(db)).toBe(1);
    });
  });

  test("while it waits for its turn is taken out of the queue, and nothing is asked", async ({ db }) => {
    const metrics = createMetrics();
    const waitingQuestions = async () =>
      /^model_views_stats_waiting_questions\{limit="views"\} (\d+)$/m.exec(await metrics.metrics())?.[1];
    const deps = { db, metrics, questionsMax: { connections: 4, views: 1 } };
    await withApi(deps, async ({ ask }) => {
      await whileLocked(db, "model_views", async () => {
        const leaving = new AbortController();
        const running = ask("/v1/breakdown?by=os", { signal: leaving.signal });
        await expect.poll(() => waiting(db)).toBe(1);
        const statements = statementsOf(db);
        const queued = new AbortController();
        const second = ask("/v1/breakdown?by=browser", { signal: queued.signal });
        await expect.poll(waitingQuestions).toBe("1");
        queued.abort();
        await expect(second).rejects.toThrow(/abort/);
        await expect.poll(waitingQuestions).toBe("0");
        leaving.abort();
        await expect(running).rejects.toThrow(/abort/);
        await expect.poll(() => inUse(db)).toBe(1);
        expect(statements.filter((text) => /browser/.test(text))).toEqual([]);
        expect(await metrics.metrics()).toMatch(
          /wait_seconds_count\{(?=.*limit="views")(?=.*end="left").*\} 1$/m,
        );
        // Leaving is no refusal.
        expect(await metrics.metrics()).not.toMatch(/^model_views_stats_refused_requests_total\{/m);
      });
      expect((await ask("/v1/breakdown?by=browser")).status).toBe(200);
    });
  });

  test("does not end the question that renews a cached answer", async ({ db }) => {
    const store = aStore();
    let at = new Date("2026-11-22T12:00:00.000Z");
    const deps = { db, now: () => at, cache: { store, freshMs: 5_000 } };
    await withApi(deps, async ({ ask }) => {
      await (await ask("/v1/breakdown?by=os")).text();
      at = new Date(at.getTime() + 6_000);
      await whileLocked(db, "model_views", async () => {
        const leaving = new AbortController();
        // The stale answer comes at once, and the new one is waited for by no reader.
        const stale = await ask("/v1/breakdown?by=os", { signal: leaving.signal });
        expect(stale.headers.get("age")).toBe("6");
        leaving.abort();
        await expect.poll(() => waiting(db)).toBe(1);
      });
      await expect
        .poll(() => [...store.entries.values()].map(({ text }) => JSON.parse(text).asOf))
        .toEqual([at.toISOString()]);
    });
  });
});

function inUse({ $client: { totalCount, idleCount } }: Db): number {
  return totalCount - idleCount;
}

async function openTransactions(db: Db): Promise<number> {
  const { rows } = await db.$client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'`,
  );
  return rows[0]?.count ?? 0;
}
