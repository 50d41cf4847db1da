import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connect } from "@model-views/db/postgres/connect.ts";
import { inTransaction } from "@model-views/db/postgres/transaction.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { withClient } from "@model-views/testing/foreign-settings.ts";
import { findPgbouncer, type Pgbouncer, startPgbouncer } from "@model-views/testing/pgbouncer.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, inject } from "vitest";

const found = await findPgbouncer();
const isThere = !("refused" in found);
if (!isThere) process.stderr.write(`SKIPPED: everything through PgBouncer (${found.refused})\n`);

let pooler: Pgbouncer | undefined;
beforeAll(async () => {
  if (isThere) pooler = await startPgbouncer(found, inject("postgresUrl"));
});
afterAll(() => pooler?.stop());

/** The services and the commands, with the pooler's URL. */
const test = base.extend<{ pooledUrl: string; run: (file: string, ...args: string[]) => Promise<string> }>({
  pooledUrl: ({ databaseUrl }, use) => use(pooler?.via(databaseUrl) ?? ""),
  run: ({ pooledUrl }, use) =>
    use(async (file, ...args) => {
      const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
      const env = { ...COMPILE_CACHE, DATABASE_URL: pooledUrl, RETENTION_DAYS: "90" };
      const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { env, cwd: tmpdir() });
      return stdout;
    }),
});

const admin = { headers: { "content-type": "application/json" } };

test.skipIf(!isThere)(
  "PgBouncer in transaction mode, with its defaults: migrated twice at once, recorded, asked, erased, maintained",
  async ({ db, databaseUrl, pooledUrl, run, start }) => {
    await db.$client.query("drop schema public cascade; create schema public");
    await Promise.all([run("packages/db/src/main.ts"), run("packages/db/src/main.ts")]);
    const env = { DATABASE_URL: pooledUrl };
    const [ingest, stats] = await Promise.all([
      start("ingest"),
      start("stats-api", env),
      start("worker", { ...env, INSERTS_IN_FLIGHT_MAX: "4" }),
    ]);
    const ask = (path: string, init?: RequestInit) => fetch(stats.url + path, init);
    const modelId = randomUUID();
    const put = await ask(`/v1/models/${modelId}`, {
      method: "PUT",
      body: JSON.stringify({ name: "Anna" }),
      ...admin,
    });
    expect(put.status).toBe(201);
    const batches = Array.from({ length: 40 }, (_, batch) =>
      Array.from({ length: 5 }, () => ({ modelId, id: uuidv7(), viewerIdentifier: `viewer ${batch}` })),
    );
    const posted = await Promise.all(
      batches.map((views) =>
        fetch(`${ingest.url}/v1/views/batch`, { method: "POST", body: JSON.stringify({ views }), ...admin }),
      ),
    );
    expect(posted.map(({ status }) => status)).toEqual(batches.map(() => 202));
    const modelStats = async () => (await ask(`/v1/models/${modelId}/stats`)).json();
    await expect.poll(modelStats).toMatchObject({ totalViews: 200, uniqueViews: 40 });

    const csv = await ask("/v1/models?format=csv");
    expect(await csv.text()).toContain(modelId);
    const asked = await Promise.all(
      [
        "/v1/timeseries?tz=Europe/Berlin",
        "/v1/models/top",
        "/v1/breakdown?by=os",
        `/v1/models/${modelId}/viewers`,
        "/readyz",
      ].map(async (path) => [path, (await ask(path)).status]),
    );
    expect(asked.map(([, status]) => status)).toEqual(asked.map(() => 200));
    const exported = await ask("/v1/viewers/viewer%207");
    expect(await exported.json()).toMatchObject({ views: Array.from({ length: 5 }, () => ({ modelId })) });
    expect((await ask("/v1/viewers/viewer%207", { method: "DELETE" })).status).toBe(200);
    expect(await modelStats()).toMatchObject({ totalViews: 195, uniqueViews: 39 });

    for (const task of [
      "partitions",
      "retention",
      "purge-rejected",
      "finalize-viewers",
      "finalize-hours",
      "redrive",
    ]) {
      expect(await run("commands/maintenance/main.ts", task)).toMatch(new RegExp(`^${task}: `));
    }
    expect(await run("commands/verify-rollups/main.ts")).toMatch(/No difference/);
    expect((await ask(`/v1/models/${modelId}`, { method: "DELETE" })).status).toBe(204);

    // No settings of ours are left on the server's connections, which the pooler lends to others.
    const rows = await withClient(pooledUrl, async (client) => {
      const left = await client.query(
        `select count(*)::int as locks, current_setting('search_path') as path, current_setting('statement_timeout') as timeout,
           (select count(*)::int from pg_prepared_statements) as prepared
         from pg_locks where locktype = 'advisory'`,
      );
      return left.rows;
    });
    const usual = await withClient(databaseUrl, async (client) => {
      const { rows } = await client.query(
        "select current_setting('search_path') as path, current_setting('statement_timeout') as timeout",
      );
      return rows[0];
    });
    expect(rows).toEqual([{ locks: 0, prepared: 0, ...usual }]);
  },
);

test.skipIf(!isThere)(
  "PgBouncer passes on that a statement is not wanted any more, and the connection serves the next question",
  async ({ db, pooledUrl }) => {
    const applicationName = "cancelled through PgBouncer";
    const pooled = connect({
      databaseUrl: pooledUrl,
      applicationName,
      connectionsMax: 1,
      statementTimeoutMs: 20_000,
      onError: () => {},
    }).$client;
    const waiting = async () =>
      (
        await db.$client.query(
          "select from pg_stat_activity where wait_event_type = 'Lock' and application_name = $1",
          [applicationName],
        )
      ).rowCount;
    const holder = await db.$client.connect();
    await holder.query("begin; lock table models in access exclusive mode");
    const left = new Error("the reader left");
    for (const ask of [
      (signal: AbortSignal) => pooled.cancelledBy(signal).query("select from models"),
      (signal: AbortSignal) =>
        inTransaction(pooled, { statementTimeoutMs: 20_000, signal }, (each) => each("select from models")),
    ]) {
      const leaving = new AbortController();
      const question = ask(leaving.signal);
      await expect.poll(waiting).toBe(1);
      leaving.abort(left);
      await expect(question).rejects.toBe(left);
      expect(await waiting()).toBe(0);
      expect((await pooled.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
      expect([pooled.totalCount, pooled.idleCount]).toEqual([1, 1]);
    }
    await holder.query("rollback");
    holder.release();
    await pooled.end();
  },
);
