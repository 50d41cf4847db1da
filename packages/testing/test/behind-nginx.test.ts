import type { Db } from "@model-views/db/postgres/connect.ts";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { findNginx, type Nginx, startNginx } from "@model-views/testing/nginx.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { beforeAll, expect } from "vitest";

/** To download it, the first time. */
const DOWNLOAD_MS_MAX = 5 * 60_000;
const ADMIN_KEY = "a-key-that-changes";

let found: { nginx: string } | { refused: string };

beforeAll(async () => {
  found = await findNginx();
}, DOWNLOAD_MS_MAX);

const test = base.extend<{ behind: (upstream: string, settings?: string) => Promise<Nginx> }>({
  behind: async ({ skip }, use) => {
    const started: Nginx[] = [];
    await use(async (upstream, settings) => {
      if ("refused" in found) return skip(`There is no nginx to be had: ${found.refused}`);
      const nginx = await startNginx(found.nginx, upstream, settings);
      started.push(nginx);
      return nginx;
    });
    await Promise.all(started.map(({ stop }) => stop()));
  },
});

/** The text of a whole answer; undefined where its end did not come, or it is an error. */
async function wholeOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_KEY}` } });
    const text = await response.text();
    return response.ok ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Ends the connection of an export that waits for a lock, after it has sent a part. */
async function endTheWaiting(db: Db): Promise<number> {
  const { rowCount } = await db.$client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name like '%stats-api admin' and wait_event_type = 'Lock'`,
  );
  return rowCount ?? 0;
}

test("an answer that is cut short is broken behind nginx, with its defaults and with HTTP/1.1 to us", async ({
  db,
  start,
  behind,
}) => {
  const modelId = await aModel(db);
  await recordViews(
    db.$client,
    Array.from({ length: 50 }, () => aView({ modelId, viewerIdentifier: "busy" })),
  );
  const { url } = await start("stats-api", { STATS_KEYS: ADMIN_KEY, ADMIN_KEYS: ADMIN_KEY });
  for (const settings of ["", "proxy_http_version 1.1;"]) {
    const nginx = await behind(url, settings);
    const exported = `${nginx.url}/v1/viewers/busy`;
    expect(await wholeOf(exported)).toMatch(/\],"asOf":"[^"]+"\}$/);

    const holder = await db.$client.connect();
    try {
      await holder.query("begin; lock table rejected_views in access exclusive mode");
      const answer = wholeOf(exported);
      await expect.poll(() => endTheWaiting(db)).toBe(1);
      expect(await answer, settings).toBeUndefined();
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    expect(await wholeOf(exported)).toBeDefined();
  }
});

test("in development without keys, whoever comes by nginx on this machine is let in nowhere", async ({
  start,
  behind,
}) => {
  const statsApi = await start("stats-api");
  const ingest = await start("ingest");
  const modelId = "0190aaaa-0000-7000-8000-000000000001";
  const batch = { method: "POST", body: JSON.stringify({ views: [{ modelId, viewerId: "1" }] }) };
  for (const settings of ["", "proxy_http_version 1.1; proxy_set_header X-Real-IP $remote_addr;"]) {
    const [stats, posts] = [await behind(statsApi.url, settings), await behind(ingest.url, settings)];
    expect((await fetch(`${stats.url}/v1/models`)).status, settings).toBe(401);
    expect((await fetch(`${stats.url}/v1/models/${modelId}`, { method: "DELETE" })).status).toBe(401);
    expect((await fetch(`${posts.url}/v1/views/batch`, batch)).status).toBe(401);
  }
  expect((await fetch(`${statsApi.url}/v1/models`)).status).toBe(200);
  expect((await fetch(`${ingest.url}/v1/views/batch`, batch)).status).not.toBe(401);
});
