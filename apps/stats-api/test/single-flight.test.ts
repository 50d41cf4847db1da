import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { createMetrics } from "@model-views/shared/runtime/metrics.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect, test as without } from "vitest";
import { createSingleFlight } from "../src/cache/single-flight.ts";
import { test as apiTest, withApi } from "./api.ts";
import { statementsOf } from "./counting.ts";

describe("createSingleFlight", () => {
  const neverFails = (error: unknown) => expect.unreachable(String(error));

  without("identical questions share one answer while it is being found, others have their own", async () => {
    let shared = 0;
    const onShared = () => {
      shared += 1;
    };
    const once = createSingleFlight({ onShared, onError: neverFails });
    const asked: string[] = [];
    const answers = Promise.withResolvers<string>();
    const ask = (question: string) =>
      once(question, undefined, () => {
        asked.push(question);
        return answers.promise;
      });
    const all = ["a", "b", "a", "a"].map(ask);
    answers.resolve("yes");
    expect(await Promise.all(all)).toEqual(["yes", "yes", "yes", "yes"]);
    expect([asked, shared]).toEqual([["a", "b"], 2]);
    await ask("a");
    expect(asked).toEqual(["a", "b", "a"]);
  });

  without.for([
    ["a promise that fails", () => Promise.reject(new Error("away"))],
    [
      "what throws at once",
      () => {
        throw new Error("away");
      },
    ],
  ] as const)("shares an error, and asks again after it: %s", async ([, ask]) => {
    const once = createSingleFlight({ onError: neverFails });
    const all = [once<string>("a", undefined, ask), once<string>("a", undefined, ask)];
    for (const { status } of await Promise.allSettled(all)) expect(status).toBe("rejected");
    expect(await once("a", undefined, async () => "back")).toBe("back");
  });

  /** A question of three readers, whose answer the test gives. */
  function ofThree(errors: unknown[] = []) {
    const once = createSingleFlight({ onError: (error) => errors.push(error) });
    const readers = [new AbortController(), new AbortController(), new AbortController()] as const;
    const found = Promise.withResolvers<string>();
    let unwanted: AbortSignal | undefined;
    const ask = (reader?: AbortSignal) =>
      once("a", reader, (signal) => {
        unwanted = signal;
        return found.promise;
      });
    const answers = readers.map(({ signal }) => ask(signal));
    return { once, ask, readers, answers, found, isUnwanted: () => unwanted?.aborted };
  }

  without("readers who leave are not answered, and the others are", async () => {
    const { readers, answers, found, isUnwanted } = ofThree();
    readers[0].abort("left first");
    readers[2].abort("left later");
    await expect(answers[0]).rejects.toBe("left first");
    await expect(answers[2]).rejects.toBe("left later");
    expect(isUnwanted()).toBe(false);
    found.resolve("yes");
    expect(await answers[1]).toBe("yes");
    readers[1].abort("left after the answer");
    expect(isUnwanted()).toBe(false);
  });

  without(
    "when all readers have left, the answer is not wanted any more, and the next reader asks anew",
    async () => {
      const { once, readers, answers, isUnwanted } = ofThree();
      for (const reader of readers) reader.abort("left");
      expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(
        answers.map(() => "rejected"),
      );
      expect(isUnwanted()).toBe(true);
      const again = Promise.withResolvers<string>();
      const next = once("a", undefined, () => again.promise);
      // The former answer fails only now: its statement has been cancelled.
      const shared = once("a", undefined, async () => "asked a third time");
      again.resolve("asked anew");
      expect(await Promise.all([next, shared])).toEqual(["asked anew", "asked anew"]);
    },
  );

  without("an answer that a question without a reader shares is wanted until it is there", async () => {
    const { ask, readers, answers, found, isUnwanted } = ofThree();
    const renewed = ask();
    for (const reader of readers) reader.abort("left");
    await Promise.allSettled(answers);
    expect(isUnwanted()).toBe(false);
    found.resolve("yes");
    expect(await renewed).toBe("yes");
  });

  without(
    "an error that comes after all readers have left is reported, unless it is that they left",
    async () => {
      for (const [error, reported] of [
        [new Error("broken"), 1],
        ["left", 0],
      ] as const) {
        const errors: unknown[] = [];
        const { readers, answers, found } = ofThree(errors);
        for (const reader of readers) reader.abort("left");
        await Promise.allSettled(answers);
        found.reject(error);
        await found.promise.catch(() => {});
        await Promise.resolve();
        expect(errors).toHaveLength(reported);
      }
    },
  );

  without("a reader who has left before asks nothing", async () => {
    const once = createSingleFlight({ onError: neverFails });
    const asked = once("a", AbortSignal.abort("left"), () => expect.unreachable());
    await expect(asked).rejects.toBe("left");
  });
});

/** Locks a table, so that no statement can read it. Returns the release; the end of the test releases it too. */
const test = apiTest.extend<{ lock: (table: string) => Promise<() => Promise<void>> }>({
  lock: async ({ db }, use) => {
    const releases: (() => Promise<void>)[] = [];
    await use(async (table) => {
      const holder = await db.$client.connect();
      await holder.query(`begin; lock table ${table} in access exclusive mode`);
      let isLocked = true;
      const release = async () => {
        if (!isLocked) return;
        isLocked = false;
        await holder.query("rollback");
        holder.release();
      };
      releases.push(release);
      return release;
    });
    for (const release of releases) await release();
  },
});

const waiting = async (db: Db) =>
  (
    await db.$client.query(
      "select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    )
  ).rows as { pid: number }[];

describe("identical questions that arrive while one is answered", () => {
  const sharedOf = async (metrics: ReturnType<typeof createMetrics>) =>
    Number(/^model_views_stats_shared_answers_total (\d+)$/m.exec(await metrics.metrics())?.[1]);

  test.for([
    ["one model", "model_totals", (id: string) => `/v1/models/${id}/stats`, /from model_totals/],
    ["many models", "model_totals", (id: string) => `/v1/models/stats?ids=${id}`, /from model_totals/],
    ["the top list", "model_totals", () => "/v1/models/top", /from model_totals/],
    ["the list of models", "models", () => "/v1/models", /from models/],
    ["a model", "models", (id: string) => `/v1/models/${id}`, /from models/],
    ["a time series", "model_views", (id: string) => `/v1/models/${id}/timeseries`, /access share mode/],
    ["a breakdown", "model_views", () => "/v1/breakdown?by=os", /access share mode/],
    [
      "a model's period",
      "model_views",
      (id: string) => `/v1/models/${id}/stats?from=2026-11-01`,
      /access share mode/,
    ],
    ["the period's top list", "model_views", () => "/v1/models/top?from=2026-11-01", /access share mode/],
  ] as const)("200 of %s are asked once", async ([, table, pathOf, question], { db, lock }) => {
    const metrics = createMetrics();
    const path = pathOf(await aModel(db));
    await withApi({ db, metrics }, async ({ ask }) => {
      const release = await lock(table);
      const statements = statementsOf(db);
      const asked = Array.from({ length: 200 }, () => ask(path));
      await expect.poll(() => sharedOf(metrics)).toBe(199);
      await release();
      for (const response of await Promise.all(asked)) expect(response.status).toBe(200);
      expect(statements.filter((text) => question.test(text))).toHaveLength(1);
      await (await ask(path)).text();
      expect(statements.filter((text) => question.test(text))).toHaveLength(2);
    });
  });

  test("differ by their parameters, and not by the order of these", async ({ db, lock }) => {
    const metrics = createMetrics();
    await withApi({ db, metrics }, async ({ ask }) => {
      const release = await lock("model_views");
      const paths = [
        "/v1/timeseries",
        "/v1/timeseries?interval=day&tz=UTC&bots=exclude",
        "/v1/timeseries?bots=exclude&interval=day&format=csv",
        "/v1/timeseries?tz=Europe/Berlin",
        "/v1/timeseries?interval=week",
        "/v1/timeseries?bots=only",
      ];
      const asked = paths.map((path) => ask(path));
      await expect.poll(() => sharedOf(metrics)).toBe(2);
      await release();
      const answers = await Promise.all(asked);
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
      expect(answers[2]?.headers.get("content-type")).toMatch(/^text\/csv/);
      expect(await sharedOf(metrics)).toBe(2);
    });
  });

  test("share an error, which is not cached", async ({ db, api, lock }) => {
    const path = `/v1/models/${await aModel(db)}/stats?from=2026-11-01`;
    const release = await lock("model_views");
    const asked = Array.from({ length: 20 }, () => api.ask(path));
    await expect.poll(async () => (await waiting(db)).length).toBe(1);
    await db.$client.query("select pg_cancel_backend($1)", [(await waiting(db))[0]?.pid]);
    const answers = await Promise.all(asked);
    await release();
    // A request after the error asks again, and is answered.
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses.has(503)).toBe(true);
    expect([...statuses].every((status) => status === 503 || status === 200)).toBe(true);
    expect((await api.ask(path)).status).toBe(200);
  });

  test("are answered when the first reader leaves", async ({ db, lock }) => {
    const metrics = createMetrics();
    const modelId = await aModel(db);
    await recordViews(db.$client, [aView({ modelId })]);
    await withApi({ db, metrics }, async ({ ask }) => {
      const release = await lock("model_totals");
      const leaving = new AbortController();
      const first = ask(`/v1/models/${modelId}/stats`, { signal: leaving.signal });
      await expect.poll(async () => (await waiting(db)).length).toBe(1);
      const second = ask(`/v1/models/${modelId}/stats`);
      await expect.poll(() => sharedOf(metrics)).toBe(1);
      leaving.abort();
      await expect(first).rejects.toThrow(/abort/);
      await release();
      expect(await (await second).json()).toMatchObject({ totalViews: 1 });
    });
  });
});

describe("when all connections are in use", () => {
  test("every question is a 503 with when to try again, and none hangs", async ({ db, api }) => {
    const modelId = await aModel(db);
    const clients = await Promise.all(Array.from({ length: 8 }, () => db.$client.connect()));
    const paths = [
      "/v1/models",
      `/v1/models/${modelId}`,
      `/v1/models/${modelId}/stats`,
      "/v1/models/top",
      "/v1/models/top?from=2026-11-01",
      "/v1/timeseries",
      "/v1/models?format=csv",
    ];
    for (const response of await Promise.all(paths.map((path) => api.ask(path)))) {
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("5");
      expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    }
    for (const client of clients) client.release();
    expect((await api.ask(`/v1/models/${modelId}/stats`)).status).toBe(200);
  });

  test.for([
    ["questions about periods", (i: number) => `/v1/timeseries?from=2026-10-${10 + i}`],
    ["questions about bots", (i: number) => `/v1/models/top?bots=include&limit=${i + 1}`],
    [
      "questions about models' bots",
      (i: number) => `/v1/models/stats?bots=only&ids=${"0".repeat(8)}-0000-4000-8000-0000000000${10 + i}`,
    ],
  ] as const)(
    "%s wait for their turn, and leave connections for the rollups",
    async ([, pathOf], { db, lock }) => {
      const metrics = createMetrics();
      const waitingQuestions = async () =>
        Number(
          /^model_views_stats_waiting_questions\{limit="views"\} (\d+)$/m.exec(await metrics.metrics())?.[1],
        );
      await withApi({ db, metrics }, async ({ ask }) => {
        const modelId = await aModel(db);
        const release = await lock("model_views");
        const asked = Array.from({ length: 20 }, (_, i) => ask(pathOf(i)));
        await expect
          .poll(async () => [(await waiting(db)).length, await waitingQuestions()])
          .toEqual([4, 16]);
        expect((await ask(`/v1/models/${modelId}/stats`)).status).toBe(200);
        expect((await ask("/v1/models/top")).status).toBe(200);
        await release();
        const answers = await Promise.all(asked);
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
        expect(await waitingQuestions()).toBe(0);
        const text = await metrics.metrics();
        expect(text).toMatch(
          /^model_views_stats_question_wait_seconds_count\{.*limit="views",end="asked".*\} 20$/m,
        );
        expect(text).toMatch(
          /^model_views_stats_refused_questions_total\{limit="views",reason="too_many"\} 0$/m,
        );
      });
    },
  );

  test("questions of the rollups wait for a connection outside of the pool, which would give up", async ({
    databaseUrl,
    lock,
  }) => {
    const metrics = createMetrics();
    const db = connect({
      databaseUrl,
      applicationName: "busy pool",
      connectionsMax: 2,
      statementTimeoutMs: 20_000,
      connectTimeoutMs: 200,
      onError: () => {},
    });
    const deps = { db, metrics, questionsMax: { connections: 2, views: 1 } };
    await withApi(deps, async ({ ask }) => {
      const release = await lock("model_totals");
      let answered = 0;
      const asked = Array.from({ length: 12 }, async (_, i) => {
        const { status } = await ask(`/v1/models/top?limit=${i + 1}`);
        answered += 1;
        return status;
      });
      await expect
        .poll(async () => (await metrics.metrics()).includes('questions{limit="connections"} 10'))
        .toBe(true);
      expect(db.$client.waitingCount).toBe(0);
      expect(answered).toBe(0);
      await release();
      expect(await Promise.all(asked)).toEqual(asked.map(() => 200));
    });
    await db.$client.end();
  });
});
