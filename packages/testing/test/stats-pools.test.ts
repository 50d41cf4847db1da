import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test as base } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { aModel } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const MIGRATE = fileURLToPath(new URL("../../db/src/main.ts", import.meta.url));

/** `npm run migrate` as a process, without a developer's .env. */
const migrate = (env: Record<string, string>) =>
  promisify(execFile)(process.execPath, [MIGRATE], { env: { ...COMPILE_CACHE, ...env }, cwd: tmpdir() });

/** URL of the database for a role that does not exist yet; it is dropped after the test. */
const test = base.extend<{ statsUrl: string }>({
  statsUrl: async ({ db, databaseUrl }, use) => {
    const url = new URL(databaseUrl);
    url.username = `stats_${randomUUID().replaceAll("-", "")}`;
    url.password = encodeURIComponent("p@ss/word's");
    await use(url.href);
    const { rowCount } = await db.$client.query("select from pg_roles where rolname = $1", [url.username]);
    if (rowCount === 1)
      await db.$client.query(`drop owned by ${url.username} cascade; drop role ${url.username}`);
  },
});

describe("STATS_DATABASE_URL", () => {
  test("names a role that npm run migrate makes, and that questions are asked with; admins change with the other", async ({
    db,
    databaseUrl,
    statsUrl,
    start,
  }) => {
    const env = { DATABASE_URL: databaseUrl, STATS_DATABASE_URL: statsUrl };
    expect((await migrate(env)).stdout).toContain("was made");
    expect((await migrate(env)).stdout).toContain("was there");
    const { url } = await start("stats-api", env);
    const model = `${url}/v1/models/${randomUUID()}`;
    const put = { method: "PUT", body: '{"name":"Anna"}', headers: { "content-type": "application/json" } };
    expect((await fetch(model, put)).status).toBe(201);
    expect(await (await fetch(`${model}/stats?from=2026-01-01`)).json()).toMatchObject({ totalViews: 0 });
    const { rows } = await db.$client.query(
      `select distinct application_name as of, usename as who from pg_stat_activity
       where datname = current_database() and application_name like '% stats-api%' order by 1`,
    );
    expect(rows).toEqual([
      { of: "model-views stats-api", who: new URL(statsUrl).username },
      { of: "model-views stats-api admin", who: new URL(databaseUrl).username },
    ]);
  });

  test("with a wrong user: the stats API reports it at once, and does not start", async ({
    databaseUrl,
    statsUrl,
    start,
  }) => {
    const wrong = new URL(statsUrl);
    wrong.username = "no_such_role";
    const env = { DATABASE_URL: databaseUrl, STATS_DATABASE_URL: wrong.href };
    await expect(start("stats-api", env)).rejects.toThrow(
      /ended with 78(.|\n)*STATS_DATABASE_URL: .*no_such_role/,
    );
  });

  test("with the owner: no role is made, and questions still cannot write", async ({
    db,
    databaseUrl,
    start,
  }) => {
    const roles = async () => (await db.$client.query("select from pg_roles")).rowCount;
    const before = await roles();
    await migrate({ DATABASE_URL: databaseUrl, STATS_DATABASE_URL: databaseUrl });
    expect(await roles()).toBe(before);
    const modelId = await aModel(db);
    const { url } = await start("stats-api");
    expect((await fetch(`${url}/v1/models/${modelId}/stats`)).status).toBe(200);
    // A view that writes each time a question reads it.
    await db.$client.query(
      `create table written (at timestamptz default now());
       alter table model_totals rename to totals;
       create function asked() returns setof totals language plpgsql as
         'begin insert into written default values; return query select * from totals; end';
       create view model_totals as select * from asked()`,
    );
    expect((await fetch(`${url}/v1/models/${modelId}/stats`)).status).toBe(503);
    await db.$client.query("select * from model_totals");
    expect((await db.$client.query("select from written")).rowCount).toBe(1);
  });

  test("is named when it is wrong", async ({ databaseUrl, start }) => {
    const env = { STATS_DATABASE_URL: "mysql://db" };
    await expect(start("stats-api", env)).rejects.toThrow(
      /ended with 78(.|\n)*STATS_DATABASE_URL: must be a URL/,
    );
    await expect(migrate({ ...env, DATABASE_URL: databaseUrl })).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringContaining("STATS_DATABASE_URL: must be a URL"),
    });
  });
});
