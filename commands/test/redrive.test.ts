import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { rejectView } from "@model-views/db/rejected/reject-view.ts";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

type Replay = (...args: string[]) => Promise<string>;

const test = base.extend<{ replay: Replay }>({
  replay: async ({ databaseUrl, redisUrl, redis: _ }, use) => {
    const main = fileURLToPath(new URL("../redrive/main.ts", import.meta.url));
    await use(async (...args) => {
      const env = { ...COMPILE_CACHE, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env, cwd: tmpdir() });
      return stdout;
    });
  },
});

type Db = Parameters<typeof verifyRollups>[0];

async function count(db: Db, table: "model_views" | "rejected_views"): Promise<number> {
  const { rows } = await db.$client.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? 0;
}

/** Two views that a rule refused that is gone by now, and one that PostgreSQL refuses for ever. */
async function threeRejected(db: Db) {
  const [first, second] = [
    aView(),
    aView({ viewedAt: "2026-11-20T10:00:00.123Z", referrerHost: "models.example" }),
  ];
  await recordViews(db.$client, [first, second]);
  const refused = aView({ modelId: await aModel(db), userAgent: "a\0b" });
  await rejectView(db.$client, refused, { sqlstate: "22021", message: "invalid byte sequence" });
  for (const { modelId } of [first, second]) await aModel(db, { id: modelId });
  // Not for want of a model: those a worker takes back by itself.
  await db.$client.query(
    "update rejected_views set reason = 'refused', sqlstate = '23514' where sqlstate is null",
  );
  return { first, second, refused };
}

describe("npm run redrive", () => {
  test("stores what can be stored now, says why the rest is rejected again, and changes nothing when repeated", async ({
    db,
    start,
    replay,
  }) => {
    const { first, second, refused } = await threeRejected(db);
    await start("worker");
    const said = await replay();
    expect(said).toContain(`view ${first.id} of model ${first.modelId}`);
    expect(said).toMatch(new RegExp(`view ${refused.id} .*: rejected again: 22021`));
    expect(said).toContain("3 views replayed: 2 stored, 1 rejected again, 0 waiting.");
    const { rows } = await db.$client.query(
      "select id, viewed_at, referrer_host from model_views order by viewed_at",
    );
    expect(rows).toMatchObject([
      { id: second.id, viewed_at: new Date(second.viewedAt), referrer_host: "models.example" },
      { id: first.id, viewed_at: new Date(first.viewedAt) },
    ]);
    expect(await replay()).toContain("1 views replayed: 0 stored, 1 rejected again, 0 waiting.");
    expect([await count(db, "model_views"), await count(db, "rejected_views")]).toEqual([2, 1]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("names a view that cannot be read any more, leaves it, and stores the others", async ({
    db,
    start,
    replay,
  }) => {
    const { first, second } = await threeRejected(db);
    await db.$client.query("update rejected_views set payload = '{}' where id = $1", [first.id]);
    await start("worker");
    const failed: { code?: number; stdout?: string } = await replay("--reason", "23514").then(
      () => ({}),
      (error: unknown) => Object(error),
    );
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(new RegExp(`view ${first.id} .*: cannot be read, and stays: id `));
    expect(failed.stdout).toContain("1 views replayed: 1 stored, 0 rejected again, 0 waiting.");
    expect(failed.stdout).toContain("1 could not be read, and stay in rejected_views.");
    const { rows } = await db.$client.query("select id from model_views");
    expect(rows).toEqual([{ id: second.id }]);
    expect(await count(db, "rejected_views")).toBe(2);
  });

  test("a dry run says which they are, and changes nothing", async ({ db, replay }) => {
    const { first, refused } = await threeRejected(db);
    const said = await replay("--dry-run");
    expect(said).toMatch(new RegExp(`view ${first.id} .*: 23514`));
    expect(said).toMatch(new RegExp(`view ${refused.id} .*: 22021`));
    expect(said).toContain("3 rejected views would be put back");
    expect(await count(db, "rejected_views")).toBe(3);
  });

  test.for([
    [["--reason", "23514"], 2],
    [["--reason", "22021"], 1],
    [["--reason", "refused"], 3],
    [["--reason", "unknown_model"], 0],
    [["--since", "2999-01-01"], 0],
    [["--since", "2020-01-01T00:00:00+02:00", "--reason", "22021"], 1],
  ] as const)("%s means %i of them", async ([args, meant], { db, replay }) => {
    await threeRejected(db);
    expect(await replay("--dry-run", ...args)).toContain(`${meant} rejected views would be`);
  });

  test.for([
    [["--since", "yesterday"]],
    [["--reasons", "x"]],
    [["--reason", "UNKNOWN_MODEL"]],
    [["everything"]],
  ] as const)("%s is refused in words", async ([args], { replay }) => {
    await expect(replay(...args)).rejects.toThrow(
      /--since takes|--reason takes|Unknown option|Unexpected argument/,
    );
  });
});
