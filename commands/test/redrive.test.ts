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

type Redrive = (...args: string[]) => Promise<string>;

const test = base.extend<{ redrive: Redrive }>({
  redrive: async ({ databaseUrl, redisUrl, redis: _ }, use) => {
    const main = fileURLToPath(new URL("../redrive/main.ts", import.meta.url));
    await use(async (...args) => {
      const env = { ...COMPILE_CACHE, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
      const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env, cwd: tmpdir() });
      return stdout;
    });
  },
});

type Db = Parameters<typeof verifyRollups>[0];

async function countRows(db: Db, table: "model_views" | "rejected_views"): Promise<number> {
  const { rows } = await db.$client.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? 0;
}

/** Two views that a constraint refused which is gone by now, and one that PostgreSQL always refuses. */
async function threeRejected(db: Db) {
  const [first, second] = [
    aView(),
    aView({ viewedAt: "2026-11-20T10:00:00.123Z", referrerHost: "models.example" }),
  ];
  await recordViews(db.$client, [first, second]);
  const refused = aView({ modelId: await aModel(db), userAgent: "a\0b" });
  await rejectView(db.$client, refused, { sqlstate: "22021", message: "invalid byte sequence" });
  for (const { modelId } of [first, second]) await aModel(db, { id: modelId });
  // Not because of an unknown model: a worker redrives those on its own.
  await db.$client.query(
    "update rejected_views set reason = 'refused', sqlstate = '23514' where sqlstate is null",
  );
  return { first, second, refused };
}

describe("npm run redrive", () => {
  test("stores the views that can be stored now, prints why the rest is rejected again, and changes nothing when repeated", async ({
    db,
    start,
    redrive,
  }) => {
    const { first, second, refused } = await threeRejected(db);
    await start("worker");
    const output = await redrive();
    expect(output).toContain(`view ${first.id} of model ${first.modelId}`);
    expect(output).toMatch(new RegExp(`view ${refused.id} .*: rejected again: 22021`));
    expect(output).toContain("3 views redriven: 2 stored, 1 rejected again, 0 waiting.");
    const { rows } = await db.$client.query(
      "select id, viewed_at, referrer_host from model_views order by viewed_at",
    );
    expect(rows).toMatchObject([
      { id: second.id, viewed_at: new Date(second.viewedAt), referrer_host: "models.example" },
      { id: first.id, viewed_at: new Date(first.viewedAt) },
    ]);
    expect(await redrive()).toContain("1 views redriven: 0 stored, 1 rejected again, 0 waiting.");
    expect([await countRows(db, "model_views"), await countRows(db, "rejected_views")]).toEqual([2, 1]);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("prints a view that cannot be read any more, leaves it, and stores the others", async ({
    db,
    start,
    redrive,
  }) => {
    const { first, second } = await threeRejected(db);
    await db.$client.query("update rejected_views set payload = '{}' where id = $1", [first.id]);
    await start("worker");
    const failed: { code?: number; stdout?: string } = await redrive("--reason", "23514").then(
      () => ({}),
      (error: unknown) => Object(error),
    );
    expect(failed.code).toBe(1);
    expect(failed.stdout).toMatch(new RegExp(`view ${first.id} .*: cannot be read, and stays: id `));
    expect(failed.stdout).toContain("1 views redriven: 1 stored, 0 rejected again, 0 waiting.");
    expect(failed.stdout).toContain("1 could not be read, and stay in rejected_views.");
    const { rows } = await db.$client.query("select id from model_views");
    expect(rows).toEqual([{ id: second.id }]);
    expect(await countRows(db, "rejected_views")).toBe(2);
  });

  test("a dry run lists them, and changes nothing", async ({ db, redrive }) => {
    const { first, refused } = await threeRejected(db);
    const output = await redrive("--dry-run");
    expect(output).toMatch(new RegExp(`view ${first.id} .*: 23514`));
    expect(output).toMatch(new RegExp(`view ${refused.id} .*: 22021`));
    expect(output).toContain("3 rejected views would be put back");
    expect(await countRows(db, "rejected_views")).toBe(3);
  });

  test.for([
    [["--reason", "23514"], 2],
    [["--reason", "22021"], 1],
    [["--reason", "refused"], 3],
    [["--reason", "unknown_model"], 0],
    [["--since", "2999-01-01"], 0],
    [["--since", "2020-01-01T00:00:00+02:00", "--reason", "22021"], 1],
  ] as const)("%s selects %i of them", async ([args, count], { db, redrive }) => {
    await threeRejected(db);
    expect(await redrive("--dry-run", ...args)).toContain(`${count} rejected views would be`);
  });

  test.for([
    [["--since", "yesterday"]],
    [["--reasons", "x"]],
    [["--reason", "UNKNOWN_MODEL"]],
    [["everything"]],
  ] as const)("%s is refused with a message", async ([args], { redrive }) => {
    await expect(redrive(...args)).rejects.toThrow(
      /--since takes|--reason takes|Unknown option|Unexpected argument/,
    );
  });
});
