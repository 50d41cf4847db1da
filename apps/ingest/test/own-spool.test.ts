import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Batch } from "@model-views/shared/enqueue.ts";
import { test as base, describe, expect } from "vitest";
import { spoolFile } from "../src/spool/orphans.ts";
import { type OwnSpool, openOwnSpool } from "../src/spool/own-spool.ts";
import { SpoolFullError } from "../src/spool/spool.ts";

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
