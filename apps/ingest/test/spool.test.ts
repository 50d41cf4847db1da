import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { test as base, describe, expect } from "vitest";
import { adoptOrphans, bytesOfOthers, spoolFile } from "../src/spool/orphans.ts";
import { openSpool, type Spool, SpoolFullError, SpoolInUseError } from "../src/spool/spool.ts";

const test = base.extend<{ folder: string }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model views spool-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

const bytesMax = () => 100_000;

/** A batch of one view, with `text` in it. */
/** Removes what comes next, and says whose views those were. */
function removeOldest(spool: Spool | undefined): string[] {
  const oldest = spool?.oldest();
  if (oldest === undefined) return [];
  spool?.remove(oldest);
  return oldest.payload.views.map(({ viewerIdentifier }) => viewerIdentifier);
}

const batch = (jobId: string, text = "x"): Batch => ({
  jobId,
  payload: {
    v: 1,
    views: [
      {
        id: "0190aaaa-0000-7000-8000-000000000001",
        modelId: "0190aaaa-0000-7000-8000-000000000002",
        viewerIdentifier: text,
        viewedAt: "2026-11-22T12:00:00.000Z",
      },
    ],
  },
});

const written = (jobId: string, text: string) => ({
  jobId,
  text: JSON.stringify(batch(jobId, text).payload),
});

type Filled = { taken: number; drained: string[]; batches: number; unremovedBecause?: string };

/** Fills a spool until its disk is full, and drains so many batches of it. */
async function fill(file: string, drain: number): Promise<Filled> {
  const filled = fileURLToPath(new URL("spool-filled.ts", import.meta.url));
  // A limit on the size of files is what a full disk is to SQLite, and needs no rights.
  const script = 'ulimit -f 600; exec "$0" "$@"';
  const shell = spawn("sh", ["-c", script, process.execPath, filled, file, String(drain)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = (await once(shell.stdout, "data")) as [Buffer];
  await once(shell, "exit");
  return JSON.parse(output.toString()) as Filled;
}

/** A file of a moment ago may still be in the making. */
const inAMinute = () => new Date(Date.now() + 60_000);

describe("spool", () => {
  test("on a full disk keeps every batch that it has taken", async ({ folder }) => {
    const file = join(folder, "a");
    const { taken } = await fill(file, 0);
    expect(taken).toBeGreaterThan(5);
    const spool = openSpool(file, { bytesMax });
    expect(spool.state().batches).toBe(taken);
    expect(spool.oldest()?.firstSeq).toBe(1);
    spool.close();
  });

  test("on a disk too full to remove anything gives each batch once, and a later process what is left at least", async ({
    folder,
  }) => {
    const file = join(folder, "a");
    const { taken, drained, batches, unremovedBecause } = await fill(file, 4);
    expect(drained).toEqual(["0", "1", "2", "3"]);
    expect([batches, unremovedBecause]).toEqual([taken - 4, expect.stringMatching(/full|I\/O/)]);
    const later = openSpool(file, { bytesMax });
    expect(later.state().batches).toBeGreaterThanOrEqual(taken - 4);
    later.close();
  });

  test("on a disk too full to remove anything leaves no file once all is drained", async ({ folder }) => {
    const { taken, drained } = await fill(join(folder, "a"), 1_000);
    expect(drained).toHaveLength(taken);
    expect(await readdir(folder)).toEqual([]);
  });

  test("is for this user alone, also one that was open to others before", async ({ folder }) => {
    const spools = join(folder, "data", "spool");
    const modes = async () =>
      Promise.all(
        [spools, ...(await readdir(spools)).map((name) => join(spools, name))].map(
          async (path) => (await stat(path)).mode & 0o777,
        ),
      );
    openSpool(spoolFile(spools, "a"), { bytesMax }).put(batch("1"));
    expect((await stat(join(folder, "data"))).mode & 0o777).toBe(0o700);
    expect(await modes()).toEqual([0o700, 0o600, 0o600]);
    const old = spoolFile(spools, "b");
    await writeFile(old, "", { mode: 0o644 });
    await chmod(old, 0o644);
    await chmod(spools, 0o755);
    openSpool(old, { bytesMax }).put(batch("2"));
    expect(new Set(await modes())).toEqual(new Set([0o700, 0o600]));
  });

  test("takes several batches in one go, all or none of them", ({ folder }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax: () => 800 });
    spool.putAll([written("1", "a"), written("2", "b")]);
    expect(() => spool.putAll([written("3", "x".repeat(100)), written("4", "x".repeat(300))])).toThrow(
      SpoolFullError,
    );
    expect(spool.state().batches).toBe(2);
    expect(removeOldest(spool)).toEqual(["a", "b"]);
    spool.close();
  });

  test("sees whether the disk takes something, and leaves nothing of that", ({ folder }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax });
    spool.tryDisk();
    expect([spool.state(), spool.oldest()]).toEqual([{ batches: 0, bytes: 0 }, undefined]);
    spool.close();
  });

  test("of a moment ago is not adopted: its maker may not have locked it yet", ({ folder }) => {
    const spool = openSpool(spoolFile(folder, "new"), { bytesMax });
    spool.put(batch("1"));
    spool.close();
    expect(adoptOrphans(folder, { mine: new Set(), onBroken: () => {} })).toEqual([]);
  });

  test("of a time to come is adopted: the clock was set back", async ({ folder }) => {
    const spool = openSpool(spoolFile(folder, "ahead"), { bytesMax });
    spool.put(batch("1"));
    spool.close();
    const ahead = new Date(Date.now() + 3_600_000);
    await utimes(spoolFile(folder, "ahead"), ahead, ahead);
    const adopted = adoptOrphans(folder, { mine: new Set(), onBroken: () => {} });
    expect(adopted.map((each) => each.state().batches)).toEqual([1]);
    for (const each of adopted) each.close();
  });

  test("counts with the others of its folder towards what all may hold", async ({ folder }) => {
    const [own, other] = [openSpool(spoolFile(folder, "own"), { bytesMax }), spoolFile(folder, "other")];
    own.put(batch("1", "x".repeat(10_000)));
    expect(bytesOfOthers(folder, new Set([own.file]))).toBe(0);
    await writeFile(other, "x".repeat(5_000));
    await writeFile(`${other}-wal`, "x".repeat(7_000));
    await writeFile(join(folder, "notes"), "x");
    expect(bytesOfOthers(folder, new Set([own.file]))).toBe(12_000);
    own.close();
  });

  test("gives batches back in order, unchanged, each until it is removed", ({ folder }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax });
    const batches = [batch("1", "ünï 🙂 'quoted\""), batch("2"), batch("3")];
    for (const each of batches) spool.put(each);
    for (const each of batches) {
      const oldest = spool.oldest() ?? { firstSeq: 0, lastSeq: 0, payload: { views: [] } };
      expect(oldest.payload.views[0]).toEqual(each.payload.views[0]);
      expect(spool.oldest()?.payload).toEqual(oldest.payload);
      spool.remove({ lastSeq: oldest.firstSeq });
    }
    expect(spool.oldest()).toBeUndefined();
    expect(spool.state()).toEqual({ batches: 0, bytes: 0 });
    spool.close();
  });

  test("gives small batches together, as many views as a job may have, and under an id of their own", ({
    folder,
  }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax: () => 10_000_000 });
    const sizes = [200, 200, 100, 1, 500, 1];
    const sized = (size: number, index: number): Batch => {
      const { jobId, payload } = batch(`job ${index}`, `viewer ${index}`);
      return { jobId, payload: { ...payload, views: Array(size).fill(payload.views[0]) } };
    };
    for (const [index, size] of sizes.entries()) spool.put(sized(size, index));
    const jobs: [string | undefined, number][] = [];
    while (spool.state().batches > 0) {
      const jobId = spool.oldest()?.jobId;
      jobs.push([jobId?.startsWith("job") ? jobId : "of its own", removeOldest(spool).length]);
    }
    expect(jobs).toEqual([
      ["of its own", 500],
      ["job 3", 1],
      ["job 4", 500],
      ["job 5", 1],
    ]);
    expect(spool.state()).toEqual({ batches: 0, bytes: 0 });
    spool.close();
  });

  test("gives a batch of a version that it does not know alone, as it is", ({ folder }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax });
    const newer = { jobId: "newer", payload: { v: 2, visits: [] } } as unknown as Batch;
    for (const each of [batch("1"), newer, batch("3")]) spool.put(each);
    for (const jobId of ["1", "newer", "3"]) {
      const oldest = spool.oldest();
      expect(oldest?.jobId).toBe(jobId);
      if (jobId === "newer") expect(oldest?.payload).toEqual(newer.payload);
      if (oldest !== undefined) spool.remove(oldest);
    }
    spool.close();
  });

  test("keeps its batches, their order and its size when it is opened again", ({ folder }) => {
    const file = join(folder, "a");
    const first = openSpool(file, { bytesMax });
    first.put(batch("1", "ünï"));
    first.put(batch("2"));
    const before = first.state();
    first.close();
    const second = openSpool(file, { bytesMax });
    expect(second.state()).toEqual(before);
    second.put(batch("3"));
    expect(second.oldest()?.payload.views).toHaveLength(3);
    second.close();
  });

  test("takes no more bytes than it may, and takes again when some are gone", ({ folder }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax: () => 500 });
    spool.put(batch("1", "x".repeat(100)));
    expect(() => spool.put(batch("2", "x".repeat(100)))).toThrow(SpoolFullError);
    expect(spool.state().batches).toBe(1);
    removeOldest(spool);
    spool.put(batch("2", "x".repeat(100)));
    spool.close();
  });

  test("leaves no file when it is closed empty, and keeps it when it is not", async ({ folder }) => {
    const spool = openSpool(join(folder, "a"), { bytesMax });
    spool.put(batch("1"));
    removeOldest(spool);
    spool.close();
    expect(await readdir(folder)).toEqual([]);
    const other = openSpool(join(folder, "b"), { bytesMax });
    other.put(batch("1"));
    other.close();
    expect(existsSync(join(folder, "b"))).toBe(true);
  });

  test("belongs to one opener at a time", ({ folder }) => {
    const file = join(folder, "a");
    const spool = openSpool(file, { bytesMax });
    expect(() => openSpool(file, { bytesMax })).toThrow(SpoolInUseError);
    spool.close();
  });

  test("is adopted once its process is killed, with every batch that it had taken", async ({ folder }) => {
    const file = spoolFile(folder, "orphan");
    const holder = spawn(
      process.execPath,
      [fileURLToPath(new URL("spool-holder.ts", import.meta.url)), file],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const taken: string[] = [];
    for await (const chunk of holder.stdout) {
      taken.push(...String(chunk).trim().split("\n"));
      if (taken.length >= 20) break;
    }
    const options = { mine: new Set<string>(), onBroken: () => {}, now: inAMinute };
    expect(adoptOrphans(folder, options)).toEqual([]);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const [orphan] = adoptOrphans(folder, options);
    expect(orphan?.state().batches).toBeGreaterThanOrEqual(taken.length);
    const kept: (string | undefined)[] = [];
    while ((orphan?.state().batches ?? 0) > 0) kept.push(...removeOldest(orphan));
    expect(kept.slice(0, taken.length)).toEqual(taken);
    orphan?.close();
  });

  test("that cannot be read is told of, left where it is, and keeps no other from being adopted", async ({
    folder,
  }) => {
    const readable = openSpool(spoolFile(folder, "b"), { bytesMax });
    readable.put(batch("1"));
    readable.close();
    await writeFile(spoolFile(folder, "a"), "this is no database, whatever its name may say".repeat(99));
    const broken: string[] = [];
    const adopted = adoptOrphans(folder, {
      mine: new Set(),
      onBroken: (file) => broken.push(file),
      now: inAMinute,
    });
    expect(broken).toEqual([spoolFile(folder, "a")]);
    expect(adopted.map(({ file }) => file)).toEqual([spoolFile(folder, "b")]);
    expect(existsSync(spoolFile(folder, "a"))).toBe(true);
    for (const each of adopted) each.close();
  });
});
