import { chmod, mkdir, open, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { makeCluster, type NewCluster } from "../src/postgres-cluster.ts";
import { findEmbeddedPostgres } from "../src/postgres-programs.ts";
import { isRoot, test } from "./fixtures.ts";

const UNKNOWN_ID = 51_234;

/** A cluster that an initdb of the test's makes. */
async function withInitdb(folder: string, script: string): Promise<NewCluster> {
  const initdb = join(folder, "initdb");
  await writeFile(initdb, `#!/bin/sh\n${script}\n`);
  await chmod(initdb, 0o755);
  const home = join(folder, "home");
  await mkdir(home);
  const programs = { initdb, postgres: initdb, major: 18, native: null };
  return {
    cluster: join(home, "cluster"),
    programs,
    account: null,
    password: "a",
    durable: true,
    env: process.env,
  };
}

test("a user without a name is an error that says what to do", async ({ folder }) => {
  const refused = "initdb: could not look up effective user ID 1234: user does not exist";
  const nameless = await withInitdb(folder, `echo '${refused}' >&2; exit 1`);
  await expect(makeCluster(nameless)).rejects.toThrow(/user ID 1234.*\/etc\/passwd, or set DATABASE_URL/s);
});

test.runIf(isRoot)("a user without a name is refused in these words (needs root)", async ({ folder }) => {
  const programs = await findEmbeddedPostgres(null, process.env);
  if ("refused" in programs) throw new Error(programs.refused);
  const account = { uid: UNKNOWN_ID, gid: UNKNOWN_ID };
  const cluster = join(folder, "cluster");
  const making = makeCluster({ cluster, programs, account, password: "a", durable: false, env: process.env });
  await expect(making).rejects.toThrow(/\/etc\/passwd, or set DATABASE_URL/);
});

test("any other failure of initdb is reported as it is, and leaves nothing", async ({ folder }) => {
  const full = await withInitdb(folder, "echo No space left on device >&2; exit 1");
  await expect(makeCluster(full)).rejects.toThrow(/^initdb: No space left on device$/);
  expect(await readdir(join(folder, "home"))).toEqual([]);
});

test("a new cluster is on the disk with its name, before anything is stored in it", async ({ folder }) => {
  await using handle = await open(folder);
  const wanted = await withInitdb(folder, "exit 0");
  const named: string[][] = [];
  const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync");
  sync.mockImplementation(async () => {
    named.push((await readdir(join(folder, "home"))).filter((name) => name === "cluster"));
  });
  try {
    await makeCluster(wanted);
  } finally {
    sync.mockRestore();
  }
  expect(named).toEqual([["cluster"]]);
});
