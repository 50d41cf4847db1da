import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test as base, describe, expect, vi } from "vitest";
import { keptSalt } from "../start/kept-salt.ts";

const test = base.extend<{ dataDir: string; file: string }>({
  dataDir: async ({ task: _ }, use) => {
    const dataDir = await mkdtemp(join(tmpdir(), "model-views-salt-"));
    await use(dataDir);
    await rm(dataDir, { recursive: true });
  },
  file: async ({ dataDir }, use) => use(join(dataDir, "viewer-id-salt")),
});

describe("the salt of a first start", () => {
  test("is kept, for this user alone, and nothing beside it", async ({ dataDir, file }) => {
    const salt = await keptSalt(dataDir);
    expect(salt).toMatch(/^[0-9a-f]{64}$/);
    expect(await keptSalt(dataDir)).toBe(salt);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(dataDir)).toEqual(["viewer-id-salt"]);
  });

  test.for([
    ["an empty file", "viewer-id-salt", ""],
    ["half a salt that was not yet in its place", "viewer-id-salt.new", "0123"],
  ] as const)(
    "is made after a start that was killed and left %s",
    async ([, name, left], { dataDir, file }) => {
      await writeFile(join(dataDir, name), left);
      const salt = await keptSalt(dataDir);
      expect(salt).toMatch(/^[0-9a-f]{64}$/);
      expect((await readFile(file, "utf8")).trim()).toBe(salt);
      expect(await keptSalt(dataDir)).toBe(salt);
    },
  );

  test("is on the disk with its name, before it is used", async ({ dataDir, file }) => {
    await using handle = await open(dataDir);
    const named: string[][] = [];
    const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync");
    sync.mockImplementation(async function (this: typeof handle) {
      if ((await this.stat()).isDirectory()) named.push(await readdir(dataDir));
    });
    try {
      await keptSalt(dataDir);
    } finally {
      sync.mockRestore();
    }
    expect(named).toEqual([[basename(file)]]);
  });

  test("is not replaced when there is something else: viewers may have been counted with it", async ({
    dataDir,
    file,
  }) => {
    await writeFile(file, "too short\n");
    await expect(keptSalt(dataDir)).rejects.toThrow(/viewer-id-salt holds no salt/);
    expect(await readFile(file, "utf8")).toBe("too short\n");
  });
});
