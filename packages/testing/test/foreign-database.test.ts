import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { test as base } from "@model-views/testing/fixtures.ts";
import { setForeignSettings, withClient } from "@model-views/testing/foreign-settings.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, inject } from "vitest";

const json = { "content-type": "application/json" };
const PASSWORD = "pass#word?";

const run = async (file: string, env: Record<string, string>, ...args: string[]) => {
  const path = fileURLToPath(new URL(`../../../${file}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], {
    env: { ...COMPILE_CACHE, ...env },
    cwd: tmpdir(),
  });
  return stdout;
};

type World = { adminUrl: string; env: { DATABASE_URL: string; DATABASE_SCHEMA: string } };

/** A database as a DBA may provide it: another locale and other settings, and a role with no more than its schema. */
const test = base.extend<{ made: (encoding: string, locale: string) => Promise<World> }>({
  made: async ({ task: _ }, use) => {
    const dropped: string[] = [];
    await use(async (encoding, locale) => {
      const name = `foreign_${randomUUID().replaceAll("-", "")}`;
      await withClient(inject("postgresUrl"), async (client) => {
        await client.query(`create role ${name} login password '${PASSWORD}'`);
        await client.query(`create database ${name} template template0 encoding '${encoding}' ${locale}`);
        await client.query(`alter role ${name} in database ${name} set datestyle = 'SQL, DMY'`);
      });
      dropped.push(name);
      const url = new URL(inject("postgresUrl"));
      url.pathname = `/${name}`;
      const adminUrl = url.href;
      await withClient(adminUrl, (client) => client.query(`create schema app authorization ${name}`));
      await setForeignSettings(adminUrl);
      // As people write it, with characters that a URL should encode.
      const DATABASE_URL = `postgres://${name}:${PASSWORD}@${url.host}/${name}`;
      return { adminUrl, env: { DATABASE_URL, DATABASE_SCHEMA: "app" } };
    });
    await withClient(inject("postgresUrl"), async (client) => {
      for (const name of dropped) {
        await client.query(`drop database ${name} with (force)`);
        await client.query(`drop role ${name}`);
      }
    });
  },
});

const ICU = "locale_provider icu icu_locale 'tr-TR' locale 'C'";

describe("a database of another administrator", () => {
  test("with German dates, New York time, Turkish order, schema app and the website's models: everything works", async ({
    made,
    start,
  }) => {
    const { adminUrl, env } = await made("UTF8", ICU);
    const modelId = randomUUID();
    await withClient(adminUrl, async (client) => {
      await client.query(
        `create table app.models (id uuid primary key, name text not null, category text, created_at timestamptz not null default now(), slug text not null)`,
      );
      const role = new URL(env.DATABASE_URL.replace(PASSWORD, "")).username;
      await client.query(`grant select, references, update on app.models to ${role}`);
      await client.query(
        "insert into app.models values ($1, 'Işık', 'Kadın', '2026-01-02T03:04:05Z', 'isik')",
        [modelId],
      );
    });
    expect(await run("packages/db/src/main.ts", env)).toMatch(
      /Note: PUT .* is refused, .*models.slug(.|\n)*The schema is up to date/,
    );
    const [ingest, stats] = await Promise.all([
      start("ingest"),
      start("stats-api", env),
      start("worker", env),
    ]);
    const today = new Date().toISOString().slice(0, 10);
    const campaigns = ["ant", "Iğdır", "ılık", "Zebra"];
    const views = campaigns.map((campaign) => ({
      modelId,
      id: uuidv7(),
      path: `/isik?utm_campaign=${encodeURIComponent(campaign)}`,
      viewerIdentifier: "Zoë",
    }));
    const posted = await fetch(`${ingest.url}/v1/views/batch`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ views }),
    });
    expect(posted.status).toBe(202);
    const ask = async (path: string) => (await fetch(stats.url + path)).json();
    await expect
      .poll(() => ask(`/v1/models/${modelId}/stats`))
      .toMatchObject({
        totalViews: 4,
        uniqueViews: 1,
        lastViewedAt: expect.stringMatching(new RegExp(`^${today}T.*Z$`)),
      });
    expect(await ask(`/v1/models/${modelId}`)).toMatchObject({
      name: "Işık",
      createdAt: "2026-01-02T03:04:05.000Z",
    });
    expect(await ask("/v1/breakdown?by=utm_campaign&tz=Europe/Berlin")).toMatchObject({
      items: [{ value: "Iğdır" }, { value: "Zebra" }, { value: "ant" }, { value: "ılık" }],
    });
    expect(await ask(`/v1/timeseries?from=${today}&interval=day`)).toMatchObject({
      items: [{ start: `${today}T00:00:00.000Z`, views: 4, uniqueViews: 1 }],
    });
    // The first answer may be of the moment when it started.
    await expect
      .poll(async () => (await fetch(`${stats.adminUrl}/readyz`)).json())
      .toEqual({
        status: "ok",
        checks: { postgres: "ok" },
      });
    const put = await fetch(`${stats.url}/v1/models/${randomUUID()}`, {
      method: "PUT",
      headers: json,
      body: '{"name":"x"}',
    });
    expect([put.status, await put.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining("permission denied") },
    ]);
    for (const task of ["partitions", "finalize-viewers", "finalize-hours", "redrive"])
      await run("commands/maintenance/main.ts", env, task);
    expect(await run("commands/verify-rollups/main.ts", env)).toMatch(/No difference/);
  });

  test("in LATIN1 is refused at start, by every service and command", async ({ made, start }) => {
    const { env } = await made("LATIN1", "locale 'C'");
    const message = /DATABASE_URL: The database .* has the encoding LATIN1.*UTF8 is needed/;
    for (const name of ["worker", "stats-api"] as const) {
      await expect(start(name, env), name).rejects.toThrow(/ended with 78/);
      await expect(start(name, env), name).rejects.toThrow(message);
    }
    await expect(run("packages/db/src/main.ts", env)).rejects.toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/has the encoding LATIN1.*UTF8 is needed/),
    });
  });

  test("that refuses a statement: the command prints message, code and hint", async ({ made }) => {
    const { adminUrl, env } = await made("UTF8", ICU);
    await withClient(adminUrl, (client) =>
      client.query(
        `create function refuse() returns event_trigger language plpgsql as
           $$ begin raise exception 'not on a Friday' using hint = 'Ask the DBA', errcode = 'XX123'; end $$;
         create event trigger refuse on ddl_command_start when tag in ('CREATE TABLE') execute function public.refuse()`.replace(
          "function refuse()",
          "function public.refuse()",
        ),
      ),
    );
    await expect(run("packages/db/src/main.ts", env)).rejects.toMatchObject({
      code: 1,
      stderr: "PostgreSQL says: ERROR: not on a Friday (SQLSTATE XX123)\nHint: Ask the DBA\n",
    });
  });

  test("without migrations, or with a right missing: worker and stats API report it in /readyz", async ({
    made,
    start,
  }) => {
    const { adminUrl, env } = await made("UTF8", ICU);
    const services = await Promise.all([start("stats-api", env), start("worker", env)]);
    const ready = () =>
      Promise.all(services.map(async (service) => (await fetch(`${service.adminUrl}/readyz`)).json()));
    const both = (text: string) =>
      services.map(() => ({ checks: { postgres: expect.stringContaining(text) } }));
    await expect.poll(ready).toMatchObject(both("npm run migrate, which makes the table model_views"));
    for (const { logged } of services) {
      await expect.poll(() => logged.join("\n")).toMatch(/not ready: .*npm run migrate, which makes/);
    }
    await run("packages/db/src/main.ts", env);
    await expect.poll(ready).toMatchObject(services.map(() => ({ checks: { postgres: "ok" } })));
    const forgetOrListLast = () =>
      withClient(adminUrl, (client) =>
        client.query(`update app.model_views_migrations set hash = reverse(hash), created_at = -created_at
          where id = (select max(id) from app.model_views_migrations)`),
      );
    await forgetOrListLast();
    await expect.poll(ready).toMatchObject(both("the database lacks migrations of this version (000"));
    await forgetOrListLast();
    const role = new URL(env.DATABASE_URL.replace(PASSWORD, "")).username;
    await withClient(adminUrl, (client) =>
      client.query(`alter schema app owner to current_user; grant usage on schema app to ${role}`),
    );
    await expect.poll(ready).toMatchObject(both(`superuser: grant usage, create on schema app to ${role}`));
    await withClient(adminUrl, (client) => client.query(`grant usage, create on schema app to ${role}`));
    await expect.poll(ready).toMatchObject(services.map(() => ({ checks: { postgres: "ok" } })));
  });
});
