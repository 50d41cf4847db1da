import { execFile } from "node:child_process";
import { hostname, tmpdir, userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

type Maintain = (args: string[], env?: Record<string, string>) => Promise<string>;

const test = base.extend<{ maintain: Maintain }>({
  maintain: async ({ databaseUrl }, use) => {
    const main = fileURLToPath(new URL("../maintenance/main.ts", import.meta.url));
    await use(async (args, env = {}) => {
      const options = { env: { ...COMPILE_CACHE, DATABASE_URL: databaseUrl, ...env }, cwd: tmpdir() };
      return (await promisify(execFile)(process.execPath, [main, ...args], options)).stdout;
    });
  },
});

describe("npm run maintenance", () => {
  test("runs a task, and prints what it did", async ({ db, maintain }) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    expect(await maintain(["redrive"])).toBe("redrive: nothing to do\n");
    await aModel(db, { id: view.modelId });
    expect(await maintain(["redrive"])).toBe(
      "redrive: redrove 1 rejected views: 1 stored, 0 stored before, 0 rejected again\n",
    );
  });

  test("makes a partition that is missing, once", async ({ db, maintain }) => {
    const { rows } = await db.$client.query(
      "select relid::text as name from pg_partition_tree('model_views') where relid::text ~ '_\\d{4}_\\d\\d$' order by 1 desc limit 1",
    );
    await db.$client.query(`drop table ${rows[0].name}`);
    expect(await maintain(["partitions"])).toBe(`partitions: made ${rows[0].name}\n`);
    expect(await maintain(["partitions"])).toBe("partitions: nothing to do\n");
  });

  test.for([
    ["take-back", "redrive"],
    ["seal-viewers", "finalize-viewers"],
  ] as const)("still takes the former name %s, for %s", async ([former, task], { db, maintain }) => {
    expect(await maintain([former])).toMatch(new RegExp(`^${task}: `));
    const { rows } = await db.$client.query("select action from audit_log");
    expect(rows).toEqual([{ action: `maintenance ${task}` }]);
  });

  test("notes in audit_log who did what, how it ended, and no secret", async ({ db, maintain }) => {
    await maintain(["redrive"]);
    await maintain(["trim-unknown"], { UNKNOWN_MODEL_VIEWS_MAX: "10", UNKNOWN_MODEL_DAYS: "30" });
    await expect(maintain(["sweep"])).rejects.toThrow();
    const { rows } = await db.$client.query("select * from audit_log order by id");
    expect(rows).toMatchObject([
      {
        actor: `${userInfo().username}@${hostname()}`,
        action: "maintenance redrive",
        outcome: "nothing to do",
      },
      {
        action: "maintenance trim-unknown",
        subject: null,
        outcome: "nothing to do",
        ended_at: expect.any(Date),
      },
    ]);
  });

  test("does nothing where that cannot be noted, and says why", async ({ db, maintain }) => {
    const view = aView();
    await recordViews(db.$client, [view]);
    await aModel(db, { id: view.modelId });
    await db.$client.query("drop table audit_log");
    await expect(maintain(["redrive"])).rejects.toThrow(/no table audit_log .*npm run migrate/);
    expect((await db.$client.query("select from rejected_views")).rowCount).toBe(1);
  });

  test.for([
    [[], {}, /give one task: .*redrive/],
    [["sweep"], {}, /give one task/],
    [["partitions", "redrive"], {}, /give one task/],
    [["partitions"], { RETENTION_DAYS: "7" }, /RETENTION_DAYS.*8 to/],
    [["retention"], {}, /RETENTION_DAYS: is missing/],
    [["purge-rejected"], {}, /RETENTION_DAYS: is missing/],
    [["trim-unknown"], {}, /UNKNOWN_MODEL_VIEWS_MAX: is missing/],
    [["partitions"], { DATABASE_URL: "" }, /no local PostgreSQL/],
    [["partitions"], { DATABASE_URL: "postgres://someone@127.0.0.1:1/x" }, /PostgreSQL cannot be reached/],
  ] as const)("%j with %j is refused with a message", async ([args, env, words], { maintain }) => {
    await expect(maintain([...args], env)).rejects.toThrow(words);
  });
});
