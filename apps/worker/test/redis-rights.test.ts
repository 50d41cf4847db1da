import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { failedJobListSchema } from "@model-views/shared/contracts/failed-jobs.ts";
import { pipelineAnswerSchema } from "@model-views/shared/contracts/pipeline.ts";
import { settingsAnswerSchema } from "@model-views/shared/contracts/settings.ts";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { settled } from "@model-views/shared/queue/redis.ts";
import { mayWork, neededCommands, RightsMissingError } from "@model-views/shared/queue/redis-rights.ts";
import { test as base } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished } from "vitest";

const USER = "model-views";
const PASSWORD = "a-password";
/** So many that a spool with them is drained for longer than it takes to change the rights of a user. */
const BATCHES = 60;

/** Rights of the user in the documentation: the text after `ACL SETUSER model-views on >…`. */
async function documentedRights(): Promise<string[]> {
  const text = await readFile(new URL("../../../docs/databases.md", import.meta.url), "utf8");
  const [, rights = ""] = /^ACL SETUSER model-views on >\S+ (.*)$/m.exec(text) ?? [];
  return rights.trim().split(/\s+/);
}

type Ready = { status: string; checks: Record<string, string>; warnings?: string[] };
const readyz = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Ready;

const test = base.extend<{ userUrl: (...rights: string[]) => Promise<string> }>({
  userUrl: async ({ ownRedis }, use) => {
    const admin = ownRedis.client();
    await use(async (...rights) => {
      await admin.call("ACL", "SETUSER", USER, "reset", "on", `>${PASSWORD}`, ...rights);
      const url = new URL(ownRedis.url);
      [url.username, url.password] = [USER, PASSWORD];
      return url.href;
    });
  },
});

/** Each setting that is a secret. The URLs have the passwords of Redis and PostgreSQL besides. */
const SECRETS = {
  VIEWER_ID_SALT: "secret-salt-of-thirty-two-characters",
  SERVER_KEYS: "secret-key-of-a-server",
  PAGE_TOKEN_SECRETS: "secret-of-page-tokens",
  STATS_KEYS: "reader=secret-key-that-reads",
  ADMIN_KEYS: "anna=secret-key-that-changes",
} as const;

/** What operators see and do by the stats API, with the rights of its user of Redis. No answer has a secret. */
async function checkOperators(
  url: string,
  { failedId, mayAskInfo }: { failedId: string | undefined; mayAskInfo: boolean },
): Promise<void> {
  const headers = {
    authorization: "Bearer secret-key-that-changes",
    "content-type": "application/json",
  };
  const answers = { pipeline: "", settings: "" };
  const services = async () => {
    answers.pipeline = await (await fetch(`${url}/v1/pipeline`, { headers })).text();
    const { services } = pipelineAnswerSchema.parse(JSON.parse(answers.pipeline));
    return "data" in services ? services.data.map(({ service }) => service) : services.error;
  };
  await expect.poll(services).toEqual(["ingest", "stats-api", "worker"]);
  const { queue, redis, stored } = pipelineAnswerSchema.parse(JSON.parse(answers.pipeline));
  expect([queue, stored]).toEqual([{ data: expect.anything() }, { data: expect.anything() }]);
  expect(queue).toMatchObject({ data: { failedJobs: 1, waitingJobs: 1, waitingViews: 1 } });
  expect(redis).toMatchObject({ data: { hasAof: mayAskInfo ? true : null } });

  answers.settings = await (await fetch(`${url}/v1/settings`, { headers })).text();
  const settings = settingsAnswerSchema.parse(JSON.parse(answers.settings));
  expect(settings.keys.map(({ name }) => name)).toEqual(["reader", "anna"]);
  for (const [about, text] of Object.entries(answers)) {
    expect(text, about).not.toMatch(/secret-|a-password|postgres(ql)?:|rediss?:\/\//);
  }

  const post = async (path: string, body: object) =>
    (await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) })).json();
  const again = { ids: [failedId], isAnyway: true };
  expect(await post("/v1/failed-jobs/retry", again)).toMatchObject({ retried: 1 });
  const listed = async () =>
    failedJobListSchema.parse(await (await fetch(`${url}/v1/failed-jobs`, { headers })).json());
  await expect.poll(async () => (await listed()).total).toBe(1);
  expect(await post("/v1/rejected/redrive", {})).toEqual({ redriven: 0, unreadable: 0, next: null });
}

describe("a Redis user with", () => {
  test.for([
    ["the rights of the documentation", documentedRights],
    ["everything that is not dangerous", async () => ["~*", "&*", "+@all", "-@dangerous"]],
  ] as const)("%s is enough for all that the services do", async ([, rights], { db, start, userUrl }) => {
    const given = await rights();
    const env = { ...SECRETS, REDIS_URL: await userUrl(...given) };
    const [ingest, worker, statsApi, modelId] = [
      await start("ingest", env),
      await start("worker", env),
      await start("stats-api", env),
      await aModel(db),
    ];
    const connection = new Redis(env.REDIS_URL);
    const queue = new Queue(VIEWS_QUEUE.name, {
      connection,
      prefix: VIEWS_QUEUE.prefix,
      skipVersionCheck: true,
    });
    // One that fails, and one that is given back.
    for (const v of [0, 2]) await queue.add(VIEWS_JOB, { v, views: [aView({ modelId })] }, VIEWS_JOB_OPTIONS);
    const body = JSON.stringify({ modelId });
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${SECRETS.SERVER_KEYS}`,
    };
    const accepted = await fetch(`${ingest.url}/v1/views`, { method: "POST", body, headers });
    expect(accepted.status).toBe(202);
    const stored = async () => (await db.$client.query("select from model_views")).rowCount;
    await expect.poll(stored).toBe(1);
    await expect.poll(() => queue.getJobCounts("failed", "delayed")).toEqual({ failed: 1, delayed: 1 });
    const [failedId] = (await queue.getFailed()).map(({ id }) => id);
    connection.disconnect();
    const mayAskInfo = given.some((right) => right.toLowerCase() === "+info");
    await checkOperators(statsApi.url, { failedId, mayAskInfo });
    for (const { adminUrl, logged } of [ingest, worker, statsApi]) {
      const ready = await readyz(adminUrl);
      expect(ready.status).toBe("ok");
      expect(ready.warnings ?? []).toEqual(
        mayAskInfo || adminUrl === statsApi.adminUrl
          ? []
          : [expect.stringMatching(/^unknown of Redis.*append-only file, its maxmemory-policy, its memory/)],
      );
      // ioredis asks INFO once it is connected, and reports when it may not.
      const others = logged.filter((line) => !line.startsWith("Skipping the ready check"));
      expect(others.filter((line) => /NOPERM|lacks rights|can't run this command/.test(line))).toEqual([]);
    }
    const metrics = await (await fetch(`${worker.url}/metrics`)).text();
    expect(metrics).toContain('model_views_queue_jobs{queue="views",state="failed"} 1');
  });

  test("one right fewer is reported, by its name", async ({ userUrl }) => {
    const rights = await documentedRights();
    const commands = rights.flatMap((right) => (right.startsWith("+") ? [right.slice(1)] : []));
    expect(commands.filter((each) => !["info", "bgrewriteaof"].includes(each)).sort()).toEqual(
      ["ping", "set", ...neededCommands("worker")].sort(),
    );
    const redis = new Redis(await userUrl(...rights));
    onTestFinished(() => redis.disconnect());
    await settled(redis);
    await expect(mayWork(redis, "worker")).resolves.toBeUndefined();
    for (const command of ["set", ...neededCommands("worker")]) {
      await userUrl(...rights, `-${command}`);
      await expect(mayWork(redis, "worker"), command).rejects.toThrow(
        new RightsMissingError(`Redis' user lacks rights: +${command}`),
      );
    }
    await userUrl(...rights.filter((right) => !right.startsWith("~")), "~other:*");
    await expect(mayWork(redis, "worker")).rejects.toThrow("Redis' user lacks rights: ~{views-0}:*");
  });

  test("one right fewer makes services not ready, and nothing is lost until it is given", async ({
    db,
    start,
    userUrl,
  }) => {
    const rights = await documentedRights();
    const env = { REDIS_URL: await userUrl(...rights, "-zadd", "-zpopmin") };
    const [ingest, worker, modelId] = [
      await start("ingest", env),
      await start("worker", env),
      await aModel(db),
    ];
    await expect
      .poll(() => readyz(ingest.adminUrl))
      .toMatchObject({
        status: "not ready",
        checks: { durable: expect.stringMatching(/lacks rights: \+zadd;/) },
      });
    await expect
      .poll(() => readyz(worker.url))
      .toMatchObject({ status: "not ready", checks: { redis: "Redis' user lacks rights: +zadd +zpopmin" } });
    const lines = () => worker.logged.filter((line) => line.includes("not ready: Redis' user lacks rights"));
    await expect.poll(lines).toHaveLength(1);
    const body = JSON.stringify({ modelId });
    const headers = { "content-type": "application/json" };
    const accepted = await fetch(`${ingest.url}/v1/views`, { method: "POST", body, headers });
    expect(accepted.status).toBe(202);
    await userUrl(...rights);
    const stored = async () => (await db.$client.query("select from model_views")).rowCount;
    await expect.poll(stored).toBe(1);
    await expect.poll(async () => (await readyz(ingest.adminUrl)).status).toBe("ok");
  });
});

test("a Redis without AOF is reported in the log and by /readyz of both services", async ({
  start,
  ownRedis,
}) => {
  await ownRedis.client().config("SET", "appendonly", "no");
  const env = { REDIS_URL: ownRedis.url };
  for (const service of [await start("ingest", env), await start("worker", env)]) {
    await expect
      .poll(async () => (await readyz(service.adminUrl)).warnings)
      .toEqual([expect.stringContaining("Redis runs without AOF")]);
    expect(service.logged.filter((line) => line.includes("without AOF"))).toHaveLength(1);
  }
});

describe("a database that is refused", () => {
  const rightsWithout = async (right: string) => (await documentedRights()).filter((each) => each !== right);

  test.for([
    ["a user without the right to select one", "/1", /no permissions to run the 'select' command/],
    ["a number that Redis does not have", "/99", /DB index is out of range/],
  ] as const)(
    "because of %s is not replaced by database 0",
    async ([who, path, reason], { start, userUrl }) => {
      const rights = await rightsWithout("+select");
      const url = await userUrl(...(who.startsWith("a user") ? rights : [...rights, "+select"]));
      const env = { REDIS_URL: url.replace(/\/?$/, path) };
      const [ingest, worker] = [await start("ingest", env), await start("worker", env)];
      const body = JSON.stringify({ modelId: "0190aaaa-0000-7000-8000-000000000001" });
      const headers = { "content-type": "application/json" };
      const accepted = await fetch(`${ingest.url}/v1/views`, { method: "POST", body, headers });
      expect(accepted.status).toBe(202);
      const redis = new Redis(await userUrl(...rights));
      onTestFinished(() => redis.disconnect());
      expect(
        await redis.exists(
          `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:id`,
          `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:wait`,
        ),
      ).toBe(0);
      // Each attempt to connect fails with the reason; in between, there is no connection.
      await expect.poll(async () => (await readyz(ingest.adminUrl)).checks["durable"]).toMatch(reason);
      await expect.poll(async () => (await readyz(worker.adminUrl)).checks["failedJobs"]).toMatch(reason);
      expect((await readyz(worker.adminUrl)).status).toBe("not ready");
    },
  );

  test("that is refused later is not replaced by database 0 on the connection that waits for jobs", async ({
    start,
    ownRedis,
    userUrl,
  }) => {
    const rights = await rightsWithout("+select");
    const url = (await userUrl(...rights, "+select", "+client")).replace(/\/?$/, "/1");
    const worker = await start("worker", { REDIS_URL: url });
    const admin = ownRedis.client();
    const databases = async () => {
      const lines = String(await admin.call("CLIENT", "LIST")).split("\n");
      const ofWorker = lines.filter((line) => line.includes(`user=${USER} `));
      return new Set(ofWorker.map((line) => / db=(\d+)/.exec(line)?.[1]));
    };
    await expect.poll(databases).toEqual(new Set(["1"]));
    await userUrl(...rights);
    await admin.call("CLIENT", "KILL", "USER", USER);
    await expect.poll(async () => (await readyz(worker.adminUrl)).status).toBe("not ready");
    const waits = async () => {
      const lines = String(await admin.call("CLIENT", "LIST")).split("\n");
      return lines.filter((line) => line.includes(`user=${USER} `) && / cmd=bzpopmin/.test(line));
    };
    await expect.poll(async () => worker.logged.some((line) => line.includes("select"))).toBe(true);
    expect(await waits()).toEqual([]);
    await userUrl(...rights, "+select");
    await expect.poll(async () => (await readyz(worker.adminUrl)).status).toBe("ok");
    await expect.poll(databases).toEqual(new Set(["1"]));
  });

  test("while a spool is drained is not replaced by database 0, and the rest stays in the spool", async ({
    start,
    ownRedis,
    userUrl,
    folder,
  }) => {
    const rights = await rightsWithout("+select");
    const url = (await userUrl(...rights)).replace(/\/?$/, "/1");
    const ingest = await start("ingest", { REDIS_URL: url, DATA_DIR: join(folder, "data") });
    const accepted: string[] = [];
    const post = async (count: number) => {
      const views = Array.from({ length: count }, () => aView());
      const body = JSON.stringify({ views });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${ingest.url}/v1/views/batch`, { method: "POST", body, headers });
      expect(answer.status).toBe(202);
      accepted.push(...views.map(({ id }) => id));
    };
    for (let batch = 0; batch < BATCHES; batch += 1) await post(500);
    const [zero, one] = [ownRedis.client(), ownRedis.client()];
    await one.select(1);
    const queue = new Queue(VIEWS_QUEUE.name, { connection: one, prefix: VIEWS_QUEUE.prefix });

    await userUrl(...rights, "+select");
    await expect.poll(() => queue.getWaitingCount(), { interval: 1 }).toBeGreaterThan(0);
    await userUrl(...rights);
    await zero.call("CLIENT", "KILL", "USER", USER);
    await expect
      .poll(async () => (await readyz(ingest.adminUrl)).checks["durable"])
      .toMatch(/^spooling, .*'select' command/);
    await post(1);
    const drained = await queue.getWaitingCount();
    expect(drained).toBeLessThan(BATCHES);
    expect(await zero.dbsize(), "keys in database 0").toBe(0);

    await userUrl(...rights, "+select");
    const queued = async () => {
      const jobs = await queue.getWaiting();
      return jobs.flatMap(({ data }) => data.views.map(({ id }: { id: string }) => id)).sort();
    };
    await expect.poll(queued).toEqual(accepted.sort());
    expect(await zero.dbsize(), "keys in database 0").toBe(0);
  });
});
