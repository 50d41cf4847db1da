import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { removeLocalData } from "@model-views/local-services/open.ts";
import { openLocalPostgres } from "@model-views/local-services/postgres.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { expect, test } from "vitest";

const main = fileURLToPath(new URL("../migrate/main.ts", import.meta.url));

async function migrate(dataDir: string, ...args: string[]): Promise<string> {
  const env = { PATH: process.env["PATH"], ...COMPILE_CACHE, DATA_DIR: dataDir };
  return (await promisify(execFile)(process.execPath, [main, ...args], { env, cwd: tmpdir() })).stdout;
}

test("npm run migrate takes the local PostgreSQL of DATA_DIR while it runs, and makes none", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "migrate-"));
  await expect(migrate(dataDir)).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringMatching(
      /there is no local PostgreSQL in .* \(npm start makes one\); set DATABASE_URL/,
    ),
  });
  const postgres = await openLocalPostgres({ dataDir, durable: false, log: () => {} });
  try {
    expect(await migrate(dataDir, "--plan")).toMatch(
      /^0000_initial would run:\n.* {2}CREATE TABLE "model_views".*It locks no table that is there\.\n/s,
    );
    expect(await migrate(dataDir)).toMatch(
      /^Applied 0000_initial\.\n(Applied \w+\.\n)+The role model_views_stats was made, .*\nThe schema is up to date\.\n$/,
    );
    expect(await migrate(dataDir, "--plan")).toBe("The schema is up to date: no migration would run.\n");
    expect(await migrate(dataDir)).toMatch(/^The role model_views_stats was there, .*\nThe schema is up/);
  } finally {
    await postgres.stop();
    await removeLocalData({ dataDir });
    await rm(dataDir, { recursive: true });
  }
});
