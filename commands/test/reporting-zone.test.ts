import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { recordViews } from "@model-views/db/recording/record-views.ts";
import { test } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { expect } from "vitest";

const main = fileURLToPath(new URL("../reporting-zone/main.ts", import.meta.url));

test("npm run reporting-zone prints the zone, changes it, and says of which days it cannot", async ({
  db,
  databaseUrl,
}) => {
  const zone = (...args: string[]) => {
    const options = { env: { ...COMPILE_CACHE, DATABASE_URL: databaseUrl }, cwd: tmpdir() };
    return promisify(execFile)(process.execPath, [main, ...args], options);
  };
  await recordViews(db.$client, [aView({ modelId: await aModel(db), viewedAt: "2026-10-05T23:30:00.000Z" })]);
  await db.$client.query("insert into retired_months values ('2026-08-01')");
  expect((await zone()).stdout).toBe("Days are those of UTC.\n");
  const { stdout, stderr } = await zone("Europe/Berlin");
  expect(stderr).toBe("days from 2026-09-01 on are counted\n");
  const kept = "Days before 2026-09-01 stay those of UTC: retention has removed their views.";
  expect(stdout).toMatch(
    new RegExp(
      `^Days from 2026-09-01 on are those of Europe/Berlin.\n${kept}\nUntil the worker's next finalize-viewers`,
    ),
  );
  expect((await zone("Europe/Berlin")).stdout).toBe(
    `Days from 2026-09-01 on are those of Europe/Berlin.\n${kept}\n`,
  );
  const { rows } = await db.$client.query("select action, outcome from audit_log order by id");
  expect(rows[0]).toEqual({
    action: "reporting-zone Europe/Berlin",
    outcome: `Days from 2026-09-01 on are those of Europe/Berlin. ${kept}`,
  });
  await expect(zone("CET")).rejects.toThrow(/the time zone CET must be UTC, or an IANA time zone/);
  await expect(zone("Europe/Berlin", "UTC")).rejects.toThrow(/give one time zone, or none/);
});
