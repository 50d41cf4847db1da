import { chmod, chown, mkdir, open, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { runInitdb } from "../src/initdb.ts";
import { makeCluster } from "../src/postgres-cluster.ts";
import { fakePackages } from "./fake-packages.ts";
import { isRoot, query, test } from "./fixtures.ts";

const UNKNOWN_ID = 51_234;

/** Stands in for initdb as somebody runs it whom the system does not know: it works only under nss_wrapper. */
const INITDB = `#!/bin/sh
[ -n "$LD_PRELOAD" ] || { echo "initdb: could not look up effective user ID 1234: user does not exist" >&2; exit 1; }
unset LD_PRELOAD
cat "$NSS_WRAPPER_PASSWD" "$NSS_WRAPPER_GROUP" > made
`;

async function aRun(folder: string, scripts: Record<string, string>, env: NodeJS.ProcessEnv = {}) {
  const cache = await fakePackages(folder, env);
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, "bin", name), script);
    await chmod(join(folder, "bin", name), 0o755);
  }
  return { command: join(folder, "bin", "initdb"), args: [], account: null, folder, cache };
}
const NO_NAMESPACES = "#!/bin/sh\necho unshare failed: Operation not permitted >&2; exit 1\n";

test("a user without a name gets one from nss_wrapper where user namespaces are forbidden", async ({
  folder,
}) => {
  await runInitdb(await aRun(folder, { initdb: INITDB, unshare: NO_NAMESPACES }));
  const me = `${process.getuid?.()}:${process.getgid?.()}`;
  expect(await readFile(join(folder, "made"), "utf8")).toContain(`model-views:x:${me}::`);
});

test("where neither helps, the error says what was tried and what to do", async ({ folder }) => {
  const offline = await aRun(folder, { initdb: INITDB, unshare: NO_NAMESPACES }, { OFFLINE: "1" });
  await expect(runInitdb(offline)).rejects.toThrow(
    /user ID 1234.*set DATABASE_URL.*Operation not permitted.*Could not resolve host/s,
  );
});

test("any other failure is told as it is, at the first try", async ({ folder }) => {
  const full = await aRun(folder, { initdb: "#!/bin/sh\necho No space left on device >&2; exit 1\n" });
  await expect(runInitdb(full)).rejects.toThrow(/^initdb: No space left on device$/);
});

test("a new cluster is on the disk with its name, before anything is stored in it", async ({ folder }) => {
  await using handle = await open(folder);
  const { command, cache } = await aRun(folder, { initdb: "#!/bin/sh\nexit 0\n" });
  const home = join(folder, "home");
  await mkdir(home);
  const binaries = { initdb: command, postgres: command, major: 18, native: null };
  const named: string[][] = [];
  const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync");
  sync.mockImplementation(async () => {
    named.push((await readdir(home)).filter((name) => name === "cluster"));
  });
  try {
    const cluster = join(home, "cluster");
    await makeCluster({ cluster, binaries, account: null, password: "a", durable: true, cache });
  } finally {
    sync.mockRestore();
  }
  expect(named).toEqual([["cluster"]]);
});

test.runIf(isRoot)(
  "a user whom the system does not know gets a PostgreSQL and a Redis (needs root)",
  async ({ dataDir, launch }) => {
    await mkdir(dataDir);
    await chown(dataDir, UNKNOWN_ID, UNKNOWN_ID);
    const launcher = launch({ dataDir }, UNKNOWN_ID);
    expect(await query((await launcher.opened).databaseUrl, "select 1")).toEqual([1]);
    await launcher.stop();
  },
);
