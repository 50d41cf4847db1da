import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Batch } from "@model-views/shared/queue/enqueue.ts";
import { test as base, describe, expect } from "vitest";
import { spoolFile } from "../src/spool/orphans.ts";
import { type OwnSpool, openOwnSpool } from "../src/spool/own-spool.ts";
import { SpoolFullError } from "../src/spool/spool.ts";
import { diskBytesFree, watchSpoolRoom } from "../src/spool/spool-room.ts";

type Opened = { spool: OwnSpool; usable: (string | undefined)[] };

const test = base.extend<{ folder: string; open: (folder: string, bytesMax?: number) => Opened }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-own-spool-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  open: async ({ task: _ }, use) => {
    const opened: OwnSpool[] = [];
    await use((folder, bytesMax = 100_000) => {
      const usable: (string | undefined)[] = [];
      let files = 0;
      const spool = openOwnSpool({
        newFile: () => spoolFile(folder, `own-${files++}`),
        bytesMax: () => bytesMax,
        onUsable: (because) => usable.push(because),
      });
      opened.push(spool);
      return { spool, usable };
    });
    for (const spool of opened) spool.close();
  },
});

const batch = (jobId: string): Batch => ({
  jobId,
  payload: { v: 1, views: [{ id: jobId, modelId: "", viewerIdentifier: "", viewedAt: "" }] },
});
const written = (jobId: string) => ({ jobId, text: JSON.stringify(batch(jobId).payload) });
const waiting = (spool: OwnSpool) => spool.current()?.state().batches;

describe("a process's own spool", () => {
  test("is not there where its folder is a file, and is once the folder can be made", async ({
    folder,
    open,
  }) => {
    const spools = join(folder, "spool");
    await writeFile(spools, "no folder");
    const { spool, usable } = open(spools);
    expect(spool.current()).toBeUndefined();
    expect(spool.unusableBecause()).toMatch(/EEXIST|ENOTDIR/);
    expect(() => spool.put(batch("1"))).toThrow(/there is no spool: /);
    await rm(spools);
    spool.mend();
    expect(spool.unusableBecause()).toBeUndefined();
    spool.put(batch("1"));
    expect(waiting(spool)).toBe(1);
    expect(usable).toEqual([expect.stringMatching(/EEXIST|ENOTDIR/), undefined]);
  });

  test("opens by itself when it is needed", async ({ folder, open }) => {
    const spools = join(folder, "spool");
    await writeFile(spools, "no folder");
    const { spool } = open(spools);
    await rm(spools);
    spool.putAll([written("1"), written("2")]);
    expect(waiting(spool)).toBe(2);
  });

  test("whose file somebody has removed is drained, and another takes what comes", async ({
    folder,
    open,
  }) => {
    const { spool } = open(folder);
    spool.put(batch("1"));
    await rm(spoolFile(folder, "own-0"));
    spool.mend();
    spool.put(batch("2"));
    const [former] = spool.takeFormer();
    expect(former?.oldest()?.jobId).toBe("1");
    expect(spool.current()?.oldest()?.jobId).toBe("2");
    expect(spool.takeFormer()).toEqual([]);
    former?.close();
  });

  test("whose folder somebody has removed takes what comes in a new one, and what waits is drained", async ({
    folder,
    open,
  }) => {
    const spools = join(folder, "spool");
    const { spool, usable } = open(spools);
    spool.put(batch("1"));
    await rm(spools, { recursive: true });
    spool.mend();
    spool.put(batch("2"));
    expect(await readdir(spools)).toContain("own-1.spool.sqlite");
    const [former] = spool.takeFormer();
    expect([former?.oldest()?.jobId, spool.current()?.oldest()?.jobId, usable]).toEqual(["1", "2", []]);
    former?.close();
  });

  test("asks for one file, however often it cannot be opened", async ({ folder }) => {
    const spools = join(folder, "spool");
    await writeFile(spools, "no folder");
    const asked: string[] = [];
    const spool = openOwnSpool({
      newFile() {
        asked.push(spoolFile(spools, String(asked.length)));
        return asked.at(-1) ?? "";
      },
      bytesMax: () => 100_000,
      onUsable: () => {},
    });
    for (let tries = 0; tries < 5; tries += 1) spool.mend();
    expect(asked).toHaveLength(1);
  });

  test("that is full is no spool that cannot be used: it is drained", ({ folder, open }) => {
    const { spool, usable } = open(folder, 100);
    spool.put(batch("1"));
    expect(() => spool.put(batch("2"))).toThrow(SpoolFullError);
    expect([spool.unusableBecause(), usable]).toEqual([undefined, []]);
  });
});

describe("how much more can be spooled", () => {
  const ofDisk = (free: number, left = 1_000_000) => {
    const world = { free, left, nowMs: 0, told: [] as string[] };
    const room = watchSpoolRoom({
      bytesMax: 1_000_000,
      bytesLeft: () => world.left,
      diskBytesFree() {
        if (Number.isNaN(world.free)) throw new Error("EIO");
        return world.free;
      },
      now: () => world.nowMs,
      onLittle: (warning) => world.told.push(warning),
    });
    room.look();
    return { world, room };
  };

  test.for([
    ["the disk has more than the setting asks for", 9_000_000, 1_000_000, 1_000_000, undefined],
    ["the disk has less, and enough", 100_000, 1_000_000, 100_000, undefined],
    ["the disk has less than a tenth", 99_000, 1_000_000, 99_000, /takes 0\.1 MB more of 1\.0 MB.* its disk/],
    ["the setting leaves less than a tenth", 9_000_000, 99_000, 99_000, /SPOOL_BYTES_MAX leaves/],
    ["others hold more than they may", 9_000_000, -5, 0, /takes 0\.0 MB more/],
    ["the disk cannot be asked", Number.NaN, 500_000, 500_000, undefined],
  ] as const)("%s", ([, free, left, bytes, warning]) => {
    const { room, world } = ofDisk(free, left);
    expect(room.bytes()).toBe(bytes);
    const said = warning === undefined ? undefined : expect.stringMatching(warning);
    expect(room.warning()).toEqual(said);
    expect(world.told).toEqual(said === undefined ? [] : [said]);
  });

  test("is told once an hour while it is little, and again after it was not", () => {
    const { room, world } = ofDisk(10);
    const after = (ms: number, free: number) => {
      world.nowMs += ms;
      world.free = free;
      room.look();
      return world.told.length;
    };
    expect([after(2_000, 9), after(3_598_000, 9), after(2_000, 500_000), after(2_000, 9)]).toEqual([
      1, 2, 2, 3,
    ]);
  });

  test("is what the disk of the folder has", ({ folder }) => {
    expect(diskBytesFree(folder)).toBeGreaterThan(0);
    expect(() => diskBytesFree(join(folder, "not there"))).toThrow(/ENOENT/);
  });
});
