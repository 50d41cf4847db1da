import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { runInitdb } from "../src/initdb.ts";
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
