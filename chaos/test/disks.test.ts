import { appendFile, mkdtemp, readdir, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "vitest";
import { type Disk, type Disks, openDisks } from "../src/lab/disks.ts";

const TMPFS = 0x01021994;

const test = base.extend<{ folder: string; opened: { disk: Disk; disks: Disks; folder: string } }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "model-views-disks-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  opened: async ({ folder, skip }, use) => {
    const disks = await openDisks({
      folders: foldersIn(folder),
      wanted: { redis: "wanted" },
      onMount: () => {},
    });
    const disk = disks.get("redis");
    if ("missingBecause" in disk) return skip(disk.missingBecause);
    await use({ disk, disks, folder: foldersIn(folder).redis });
    await disks.close();
  },
});

const foldersIn = (folder: string) => ({
  redis: join(folder, "redis"),
  postgres: join(folder, "postgres"),
  ingest: join(folder, "ingest"),
});

test("a filled disk takes the bytes that are left and no more, keeps its files, and has its full size again when it is freed", async ({
  opened: { disk, folder },
}) => {
  const file = join(folder, "kept");
  await writeFile(file, "x".repeat(100_000));
  await disk.fill(8_192);
  await writeFile(join(folder, "small"), "x".repeat(8_192));
  await expect(appendFile(file, "x".repeat(8_192))).rejects.toThrow("ENOSPC");
  await disk.free();
  await writeFile(join(folder, "large"), "x".repeat(1_000_000));
  expect((await readdir(folder)).sort()).toEqual(["kept", "large", "small"]);
});

test("an empty disk can be filled as well", async ({ opened: { disk, folder } }) => {
  await disk.fill(0);
  await expect(writeFile(join(folder, "large"), "x".repeat(100_000))).rejects.toThrow("ENOSPC");
});

test("a disk is gone when it is closed, though a file is open on it", async ({
  opened: { disks, folder },
}) => {
  await writeFile(join(folder, "file"), "x");
  expect((await statfs(folder)).type).toBe(TMPFS);
  await disks.close();
  expect(await readdir(folder)).toEqual([]);
});

test("a disk that cannot be mounted is missing, with the reason", async ({ folder }) => {
  const folders = foldersIn(folder);
  await writeFile(folders.redis, "a file, where no folder can be made");
  const missingBecause = "the run is too long";
  const wanted = { redis: "wanted", postgres: { missingBecause } } as const;
  const disks = await openDisks({ folders, wanted, onMount: () => {} });
  expect(disks.get("redis")).toEqual({ missingBecause: expect.stringMatching(/mounted here: .*EEXIST/) });
  expect(disks.get("postgres")).toEqual({ missingBecause });
  expect(disks.get("ingest")).toEqual({ missingBecause: expect.stringContaining("no fault") });
});
