import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { unpackDebianRedis } from "../src/redis-programs.ts";
import { fakePackages } from "./fake-packages.ts";
import { test } from "./fixtures.ts";

test("two processes that need Redis at once unpack it once, and nothing is left beside it", async ({
  folder,
}) => {
  const { asked, ...deps } = await fakePackages(folder);
  const [one, two] = await Promise.all([unpackDebianRedis(deps), unpackDebianRedis(deps)]);
  expect(one).toEqual(two);
  expect(one).toMatchObject({
    command: expect.stringContaining("the cache"),
    env: { LD_LIBRARY_PATH: expect.stringMatching(/usr\/lib$/) },
  });
  expect(await readFile(asked, "utf8")).toBe("update\n--simulate\ndownload\n");
  expect(await readdir(join(deps.cacheDir, "redis"))).toHaveLength(2);
});

test("the missing libraries come along, but never another C library", async ({ folder }) => {
  const deps = await fakePackages(folder);
  const found = await unpackDebianRedis(deps);
  if ("refused" in found) throw new Error(found.refused);
  const unpacked = await readFile(join(found.command, "..", "..", "..", "unpacked"), "utf8");
  expect(unpacked.trim().split("\n").sort()).toEqual(["liblzf1.deb", "redis-server.deb", "redis-tools.deb"]);
});

test("what a killed attempt left is swept away, and a broken result replaced", async ({ folder }) => {
  const deps = await fakePackages(folder);
  const good = await unpackDebianRedis(deps);
  if ("refused" in good) throw new Error(good.refused);
  await writeFile(good.command, "#!/bin/sh\nexit 127\n");
  await mkdir(join(deps.cacheDir, "redis", "unpacking-killed", "root"), { recursive: true });
  expect(await unpackDebianRedis(deps)).toEqual(good);
  expect(await readdir(join(deps.cacheDir, "redis"))).toHaveLength(2);
});

test("without the network the reason is what apt said, and a later try starts anew", async ({ folder }) => {
  const offline = await fakePackages(folder, { OFFLINE: "1" });
  expect(await unpackDebianRedis(offline)).toEqual({ refused: "apt-get: Could not resolve host" });
  expect(await unpackDebianRedis(await fakePackages(folder))).toHaveProperty("command");
});
