import { execFile } from "node:child_process";
import { mkdir, readdir, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import { test as base } from "@model-views/testing/own-redis.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect } from "vitest";

const run = promisify(execFile);

/** A folder with little room, and the options of a service that has its spool there. */
type SmallDisk = { folder: string; options: { fileBytesMax?: number } };
const FILE_BYTES_MAX = 512 * 1_024;

const test = base.extend<{ disks: Record<"files" | "tmpfs", () => Promise<SmallDisk>> }>({
  disks: async ({ folder, skip }, use) => {
    const mounted = join(folder, "small");
    let isMounted = false;
    await use({
      files: async () => ({ folder: join(folder, "data"), options: { fileBytesMax: FILE_BYTES_MAX } }),
      async tmpfs() {
        await mkdir(mounted);
        await run("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", mounted]).catch((error: unknown) =>
          skip(`No file system can be mounted here: ${String(error)}`),
        );
        isMounted = true;
        return { folder: mounted, options: {} };
      },
    });
    if (isMounted) await run("umount", ["-l", mounted]);
  },
});

const postBatch = (url: string, views: object[]) =>
  fetch(`${url}/v1/views/batch`, {
    method: "POST",
    body: JSON.stringify({ views }),
    headers: { "content-type": "application/json" },
  });

/** Posts until the spool is full; returns the ids of the accepted views. */
async function fillUp(url: string, modelId: string): Promise<string[]> {
  const accepted: string[] = [];
  for (;;) {
    const views = Array.from({ length: 100 }, () => aView({ modelId }));
    const { status } = await postBatch(url, views);
    if (status === 503) return accepted.sort();
    expect(status).toBe(202);
    accepted.push(...views.map(({ id }) => id));
  }
}

type Ready = { status: string; checks: Record<string, string>; warnings?: string[] };
const readyz = async (url: string) => (await (await fetch(`${url}/readyz`)).json()) as Ready;

describe.for(["files", "tmpfs"] as const)("a spool that has filled its disk (%s)", (kind) => {
  test("is drained once Redis is there, and not ready until then", async ({ db, start, disks, ownRedis }) => {
    const { folder, options } = await disks[kind]();
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const [ingest, modelId] = [await start("ingest", env, options), await aModel(db)];
    await start("worker", env);
    const little = /^the spool takes [\d.]+ MB more of 1073\.7 MB.* its disk has no more free/;
    if (kind === "tmpfs") {
      const warned = { status: "ok", warnings: [expect.stringMatching(little)] };
      await expect.poll(() => readyz(ingest.adminUrl)).toMatchObject(warned);
    }
    ownRedis.kill("SIGKILL");
    const accepted = await fillUp(ingest.url, modelId);
    expect(accepted.length).toBeGreaterThan(100);
    await expect
      .poll(() => readyz(ingest.adminUrl))
      .toMatchObject({
        status: "not ready",
        checks: {
          durable: expect.stringMatching(/^views cannot be spooled: .*(full|I\/O).*nothing takes views/),
        },
      });
    await ownRedis.start();
    const stored = async () =>
      (await db.$client.query<{ id: string }>("select id from model_views order by id")).rows.map(
        ({ id }) => id,
      );
    await expect.poll(stored, { timeout: 30_000 }).toEqual(accepted);
    await expect
      .poll(() => readyz(ingest.adminUrl))
      .toMatchObject({ status: "ok", checks: { durable: "ok" } });
    const largest = await Promise.all(
      (await readdir(join(folder, "spool"))).map(
        async (name) => (await stat(join(folder, "spool", name))).size,
      ),
    );
    expect(Math.max(...largest)).toBeLessThan(FILE_BYTES_MAX / 2);
    expect(await verifyRollups(db)).toEqual([]);
  });

  test("does not keep another ingest from starting, which drains it", async ({
    db,
    start,
    disks,
    ownRedis,
  }) => {
    const { folder, options } = await disks[kind]();
    const env = { REDIS_URL: ownRedis.url, DATA_DIR: folder };
    const [first, modelId] = [await start("ingest", env, options), await aModel(db)];
    ownRedis.kill("SIGKILL");
    const accepted = await fillUp(first.url, modelId);
    await first.kill("SIGKILL");
    // Fills the room that the last try has left.
    const { bavail, bsize } = await statfs(folder);
    if (kind === "tmpfs") await writeFile(join(folder, "rest"), Buffer.alloc(bavail * bsize));
    await ownRedis.start();
    const second = await start("ingest", env, kind === "files" ? { fileBytesMax: 0 } : {});
    await expect
      .poll(() => readyz(second.adminUrl))
      .toMatchObject({
        status: "not ready",
        checks: { durable: expect.stringMatching(/^views cannot be spooled: .*; views are queued/) },
      });
    expect((await postBatch(second.url, [aView({ modelId, id: accepted[0] ?? "" })])).status).toBe(202);
    await start("worker", env);
    const stored = async () => (await db.$client.query("select from model_views")).rowCount;
    // The view posted last has another time, so it is another view.
    await expect.poll(stored, { timeout: 30_000 }).toBe(accepted.length + 1);
    if (kind === "files") return;
    await rm(join(folder, "rest"));
    await expect
      .poll(() => readyz(second.adminUrl))
      .toMatchObject({ status: "ok", checks: { durable: "ok" } });
  });
});
