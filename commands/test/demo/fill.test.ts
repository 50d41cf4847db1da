import type { Db } from "@model-views/db/postgres/connect.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import type { Progress } from "@model-views/lab/progress.ts";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { describe, expect, vi } from "vitest";
import { fillWorld } from "../../demo/fill-world.ts";
import { startTraffic } from "../../demo/live-traffic.ts";
import { BOTS, BROWSERS } from "../../demo/world/clients.ts";
import { COUNTRIES } from "../../demo/world/countries.ts";
import { MODELS } from "../../demo/world/models.ts";
import { viewsBetween } from "../../demo/world/views.ts";
import { DAY_MS, WORLD_DEFAULTS, worldUntil } from "../../demo/world/world.ts";

const SALT = "a salt for tests, of 32 characters";
const NOW = new Date();
const TWO_DAYS_AGO = new Date(NOW.getTime() - 2 * DAY_MS);
const silent: Progress = { start: () => {}, at: () => {}, step: () => {}, stop: () => {} };
const small = worldUntil(TWO_DAYS_AGO, { ...WORLD_DEFAULTS, days: 12, views: 6_000 });

async function countOf(db: Db, table: string): Promise<number> {
  const { rows } = await db.$client.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? 0;
}

describe("filling the demo", () => {
  test("stores each view once, also after an interruption and in later runs, with rollups as the worker makes them", async ({
    db,
  }) => {
    const fill = (now: Date, signal: AbortSignal, progress = silent) =>
      fillWorld(db, { begin: worldUntil(now, small), salt: SALT, now, progress, signal });
    const interrupted = new AbortController();
    const first = await fillWorld(db, {
      begin: small,
      salt: SALT,
      now: TWO_DAYS_AGO,
      progress: { ...silent, at: () => interrupted.abort() },
      signal: interrupted.signal,
    });
    expect(first.isNew).toBe(true);
    const lengthUntil = (end: Date) => [...viewsBetween(small, small.start, end)].flat().length;
    expect(await countOf(db, "model_views")).toBeGreaterThan(0);
    expect(await countOf(db, "model_views")).toBeLessThan(lengthUntil(TWO_DAYS_AGO));

    const { signal } = new AbortController();
    expect(await fill(TWO_DAYS_AGO, signal)).toMatchObject({ isNew: false, world: small });
    expect(await countOf(db, "model_views")).toBe(lengthUntil(TWO_DAYS_AGO));
    await fill(NOW, signal);
    expect(await countOf(db, "model_views")).toBe(lengthUntil(NOW));
    expect(await fill(NOW, signal)).toMatchObject({ views: 0 });

    expect(await countOf(db, "models")).toBe(MODELS.length);
    expect(await countOf(db, "rejected_views")).toBe(0);
    expect(await countOf(db, "site_days")).toBeGreaterThan(9);
    expect(await countOf(db, "model_views_default")).toBe(0);
    expect(await verifyRollups(db, () => {})).toEqual([]);
  });

  test("refuses a database whose world is of another version", async ({ db, databaseUrl }) => {
    const name = new URL(databaseUrl).pathname.slice(1);
    const other = { ...small, version: 0, filledUntil: NOW };
    await db.$client.query(`comment on database ${name} is '${JSON.stringify(other)}'`);
    const { signal } = new AbortController();
    await expect(
      fillWorld(db, { begin: small, salt: SALT, now: NOW, progress: silent, signal }),
    ).rejects.toThrow(/--fresh/);
  });
});

describe("the demo's live views", () => {
  test("are enriched as those of its history, and come as browsers' and as servers'", async ({
    db,
    start,
  }) => {
    const { signal } = new AbortController();
    await fillWorld(db, {
      begin: worldUntil(NOW, { ...small, views: 1 }),
      salt: SALT,
      now: NOW,
      progress: silent,
      signal,
    });
    const [ingest] = await Promise.all([start("ingest"), start("worker")]);
    const [model] = MODELS;
    const clients = [...BROWSERS, ...BOTS];
    const views = [
      ...clients.map(({ userAgent }, nth) => ({ modelId: model?.id, viewerId: `client ${nth}`, userAgent })),
      ...COUNTRIES.map(({ code, network }) => ({
        modelId: model?.id,
        viewerId: `in ${code}`,
        ipAddress: `${network}.77.77`,
      })),
    ];
    const posted = await fetch(`${ingest.url}/v1/views/batch`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ views }),
    });
    expect(await posted.json()).toMatchObject({ accepted: views.length });
    const rowOf = async (viewerId: string) => {
      const { rows } = await db.$client.query(
        "select country, device, browser, os, is_bot from model_views where viewer_identifier = $1",
        [viewerIdentifierOf(viewerId, SALT)],
      );
      return rows[0];
    };
    await expect.poll(() => rowOf(`in ${COUNTRIES.at(-1)?.code}`)).toBeDefined();
    for (const [nth, { device = null, browser = null, os = null, isBot = false }] of clients.entries()) {
      expect(await rowOf(`client ${nth}`)).toMatchObject({ device, browser, os, is_bot: isBot });
    }
    for (const { code } of COUNTRIES) expect(await rowOf(`in ${code}`)).toMatchObject({ country: code });

    const before = await countOf(db, "model_views");
    const requests = vi.spyOn(globalThis, "fetch");
    const stopped = new AbortController();
    const said: string[] = [];
    startTraffic({
      world: small,
      perSecond: 60,
      ingestUrl: ingest.url,
      signal: stopped.signal,
      say: (line) => said.push(line),
    });
    await expect.poll(() => countOf(db, "model_views"), { timeout: 40_000 }).toBeGreaterThan(before + 60);
    const paths = () => new Set(requests.mock.calls.map(([url]) => new URL(String(url)).pathname));
    await expect.poll(paths).toEqual(new Set(["/v1/views", "/v1/views/batch"]));
    stopped.abort();
    const { rows } = await db.$client.query(
      "select distinct country from model_views where viewed_at >= $1 and device is not null and country is null and viewer_identifier <> all($2)",
      [NOW, clients.map((_, nth) => viewerIdentifierOf(`client ${nth}`, SALT))],
    );
    expect(rows).toEqual([]);
    expect(said).toEqual([]);
  });
});
