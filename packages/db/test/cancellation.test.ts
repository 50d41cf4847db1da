import { setImmediate } from "node:timers/promises";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { openPool } from "@model-views/db/postgres/pool.ts";
import type { Ask } from "@model-views/db/postgres/sql.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import type { Pool, PoolClient } from "pg";
import { expect } from "vitest";
import { startCancelProxy } from "./cancel-proxy.ts";

const left = new Error("the reader has left");

/** One connection, so that each question gets the one of the question before. */
const onePool = (databaseUrl: string) =>
  openPool({
    databaseUrl,
    applicationName: "cancellation test",
    connectionsMax: 1,
    statementTimeoutMs: 20_000,
    onError: () => {},
  });

async function waiting(db: Db): Promise<number> {
  const { rowCount } = await db.$client.query(
    "select from pg_stat_activity where application_name = 'cancellation test' and wait_event_type = 'Lock'",
  );
  return rowCount ?? 0;
}

const pidOf = async (pool: Pool) =>
  (await pool.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid;

/** A question in a transaction. */
const inOne = (pool: Pool, signal: AbortSignal, work: (ask: Ask) => Promise<unknown>) =>
  inTransaction(pool, { statementTimeoutMs: 20_000, signal }, work);

const KINDS = [
  [
    "a single statement",
    (pool: ReturnType<typeof onePool>, signal: AbortSignal, text: string) =>
      pool.cancelledBy(signal).query(text),
  ],
  [
    "a transaction",
    (pool: Pool, signal: AbortSignal, text: string) => inOne(pool, signal, (ask) => ask(text)),
  ],
  [
    "a transaction with statements at once",
    (pool: Pool, signal: AbortSignal, text: string) =>
      inOne(pool, signal, (ask) => Promise.all([ask(text), ask(text)])),
  ],
] as const;

type Proxy = Awaited<ReturnType<typeof startCancelProxy>>;
const test = base.extend<{
  proxy: Proxy;
  pool: ReturnType<typeof onePool>;
  /** Keeps a lock. Returns the release; the end of the test releases it too. */
  lock: (statement?: string) => Promise<() => Promise<void>>;
}>({
  lock: async ({ db }, use) => {
    const releases: (() => Promise<void>)[] = [];
    await use(async (statement = "lock table models in access exclusive mode") => {
      let holder: PoolClient | undefined = await db.$client.connect();
      await holder.query(`begin; ${statement}`);
      const release = async () => {
        await holder?.query("rollback");
        holder?.release();
        holder = undefined;
      };
      releases.push(release);
      return release;
    });
    for (const release of releases) await release();
  },
  proxy: async ({ databaseUrl }, use) => {
    const proxy = await startCancelProxy(databaseUrl);
    await use(proxy);
    await proxy.close();
  },
  pool: async ({ databaseUrl, proxy }, use) => {
    const pool = onePool(proxy.via(databaseUrl));
    await use(pool);
    await pool.end();
  },
});

test.for(KINDS)(
  "%s is cancelled, and its connection serves the next question",
  async ([, ask], { db, databaseUrl, lock }) => {
    const pool = onePool(databaseUrl);
    const pid = await pidOf(pool);
    const leaving = new AbortController();
    const release = await lock();
    const question = ask(pool, leaving.signal, "select from models");
    await expect.poll(() => waiting(db)).toBe(1);
    leaving.abort(left);
    await expect(question).rejects.toBe(left);
    expect(await waiting(db)).toBe(0);
    expect(await pidOf(pool)).toBe(pid);
    await release();
    await pool.end();
  },
);

test.for(KINDS)(
  "a request that comes late for %s does not hit the next question",
  async ([, ask], { db, pool, proxy, lock }) => {
    const leaving = new AbortController();
    const release = await lock();
    const question = ask(pool, leaving.signal, "select from models");
    await expect.poll(() => waiting(db)).toBe(1);
    leaving.abort(left);
    await expect.poll(() => proxy.held.length).toBeGreaterThan(0);
    // The statement ends by itself, while the request to cancel it is on its way.
    await release();
    await expect.poll(() => waiting(db)).toBe(0);
    const again = await lock("select pg_advisory_xact_lock(1)");
    const next = pool.query("select pg_advisory_xact_lock(1)");
    await expect.poll(async () => pool.waitingCount + (await waiting(db))).toBe(1);
    await proxy.passAll();
    await expect(question).rejects.toBe(left);
    await expect.poll(() => waiting(db)).toBe(1);
    await again();
    expect((await next).rowCount).toBe(1);
  },
);

test("a connection for which a request may come later is not used again", async ({
  db,
  pool,
  proxy,
  lock,
}) => {
  const pid = await pidOf(pool);
  const leaving = new AbortController();
  const release = await lock();
  const question = pool.cancelledBy(leaving.signal).query("select from models");
  await expect.poll(() => waiting(db)).toBe(1);
  leaving.abort(left);
  await expect.poll(() => proxy.held.length).toBe(1);
  proxy.held[0]?.cut();
  // PostgreSQL is asked again for as long as the statement runs.
  await expect.poll(() => proxy.held.length).toBe(2);
  void proxy.held[1]?.pass();
  await expect(question).rejects.toBe(left);
  await release();
  expect(await pidOf(pool)).not.toBe(pid);
});

test("questions that are left at any moment do not hit the ones after them", async ({ databaseUrl }) => {
  const pool = onePool(databaseUrl);
  const pid = await pidOf(pool);
  for (let moment = 0; moment < 60; moment += 1) {
    const leaving = new AbortController();
    const [, ask] = KINDS[moment % 2] ?? KINDS[0];
    const question = ask(pool, leaving.signal, "select count(*) from generate_series(1, 20000)").catch(
      (error: unknown) => error,
    );
    for (let turn = 0; turn < moment * 3; turn += 1) await setImmediate();
    leaving.abort(left);
    await Promise.all([question, pool.query("select count(*) from generate_series(1, 2000)")]);
  }
  expect(await pidOf(pool)).toBe(pid);
  await pool.end();
});

test("a question that waits for a connection when it is left asks nothing", async ({ databaseUrl }) => {
  const pool = onePool(databaseUrl);
  const client = await pool.connect();
  const asked: unknown[] = [];
  const { query } = client;
  client.query = (...args: unknown[]) => {
    asked.push(args[0]);
    return Reflect.apply(query, client, args);
  };
  const leaving = new AbortController();
  const questions = KINDS.map(([, ask]) => ask(pool, leaving.signal, "select 1"));
  leaving.abort(left);
  client.release();
  for (const { status, ...result } of await Promise.allSettled(questions)) {
    expect({ status, ...result }).toEqual({ status: "rejected", reason: left });
  }
  expect(asked).toEqual([]);
  await pool.end();
});

test("a request to cancel is encrypted where the connection is", async ({ db, databaseUrl, lock }) => {
  const proxy = await startCancelProxy(databaseUrl, { isEncrypted: true });
  const pool = onePool(proxy.via(databaseUrl));
  const pid = await pidOf(pool);
  const leaving = new AbortController();
  const release = await lock();
  const question = pool.cancelledBy(leaving.signal).query("select from models");
  await expect.poll(() => waiting(db)).toBe(1);
  leaving.abort(left);
  await expect.poll(() => proxy.held.length).toBe(1);
  void proxy.held[0]?.pass();
  await expect(question).rejects.toBe(left);
  await release();
  // So it was closed as it should be.
  expect(await pidOf(pool)).toBe(pid);
  await pool.end();
  await proxy.close();
});
