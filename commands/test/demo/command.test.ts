import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { removeLocalData } from "@model-views/local-services/open.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { expect } from "vitest";

const PORTS = ["INGEST_PORT", "STATS_PORT", "WORKER_PORT", "INGEST_ADMIN_PORT", "STATS_ADMIN_PORT"];
const main = fileURLToPath(new URL("../../demo/main.ts", import.meta.url));

type Demo = { dataDir: string; run: (args: string[], env?: Record<string, string>) => Running };
type Running = { child: ChildProcess; printed: () => string };

/** Milliseconds for a start with separate servers, on a busy machine. */
const TIMEOUT_MS = 200_000;

/** `npm run demo` in a separate folder, on free ports. */
const test = base.extend<{ demo: Demo }>({
  demo: async ({ task: _ }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), "demo-"));
    const children: ChildProcess[] = [];
    await use({
      dataDir,
      run(args, env = {}) {
        const ports = Object.fromEntries(PORTS.map((name) => [name, "0"]));
        const child = spawn(process.execPath, [main, ...args], {
          cwd: dataDir,
          env: { ...COMPILE_CACHE, PATH: process.env["PATH"], DATA_DIR: dataDir, ...ports, ...env },
        });
        children.push(child);
        let printed = "";
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding("utf8").on("data", (text: string) => {
            printed += text;
          });
        }
        return { child, printed: () => printed };
      },
    });
    for (const child of children) child.kill("SIGKILL");
    await removeLocalData({ dataDir: join(dataDir, "demo") });
    await rm(dataDir, { recursive: true, force: true });
  },
});

test(
  "npm run demo shows a filled agency and live views, ends with nothing left, and touches no other database",
  async ({ demo, db, databaseUrl, redisUrl }) => {
    const { child, printed } = demo.run(["--days", "3", "--views", "600", "--rate", "20"], {
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
    });
    await expect.poll(printed, { timeout: 120_000 }).toContain("About 20 views a second");
    expect(printed()).toMatch(/filled a new demo: \d+ views/);
    const [stats = ""] = /(?<=stats API {2})\S+/.exec(printed()) ?? [];
    const models = await (await fetch(`${stats}/v1/models?limit=100`)).json();
    expect(models).toMatchObject({ items: expect.objectContaining({ length: 60 }) });
    const views = async () => {
      const { items } = (await (await fetch(`${stats}/v1/breakdown?by=country`)).json()) as {
        items: { views: number }[];
      };
      return items.reduce((sum, item) => sum + item.views, 0);
    };
    const before = await views();
    await expect.poll(views, { timeout: 40_000 }).toBeGreaterThan(before);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(printed()).not.toContain("ingest did not take a view");
    await expect(fetch(stats)).rejects.toThrow("fetch failed");
    expect((await db.$client.query("select from models")).rowCount).toBe(0);
  },
  TIMEOUT_MS,
);

test("npm run demo names the ports that are taken, before it makes anything", async ({ demo }) => {
  const other: Server = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  const { child, printed } = demo.run([], { STATS_PORT: port });
  expect(await once(child, "exit")).toEqual([78, null]);
  expect(printed()).toContain(`These ports are taken: STATS_PORT (${port})`);
  expect(printed()).toContain("STATS_PORT=");
  other.close();
});
