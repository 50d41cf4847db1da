import { chmod, chown, link, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test as base, describe, expect } from "vitest";
import { accountForServices } from "../start/drop-rights.ts";
import { supervise } from "../start/supervise.ts";

/** Only root can drop rights: elsewhere vitest reports these tests as skipped. */
const isRoot = process.getuid?.() === 0;
const CALLER = { uid: 54_321, gid: 54_322 };
const asCaller = { ...process.env, SUDO_UID: String(CALLER.uid), SUDO_GID: String(CALLER.gid) };
const withoutSudo = { ...process.env, SUDO_UID: "", SUDO_GID: "" };
const main = fileURLToPath(new URL("../../apps/ingest/src/main.ts", import.meta.url));

const test = base.extend<{ folder: string; said: string[] }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "drop-rights-"));
    await chmod(folder, 0o755);
    await use(folder);
    await rm(folder, { recursive: true });
  },
  said: async ({ task: _ }, use) => use([]),
});

/** A checkout and a data folder, both open to everybody. */
async function place(folder: string, said: string[]) {
  const spoolFolder = join(folder, "spool");
  await mkdir(spoolFolder);
  await writeFile(join(spoolFolder, "left"), "by root");
  return { root: folder, mains: [main], files: [], spoolFolder, say: (line: string) => said.push(line) };
}

describe.skipIf(!isRoot)("npm start as root", () => {
  test("runs the services as who called sudo, gives them the spool, and says so", async ({
    folder,
    said,
  }) => {
    const options = await place(folder, said);
    expect(await accountForServices(options, asCaller)).toEqual(CALLER);
    expect(said).toEqual([expect.stringContaining(`run as uid ${CALLER.uid}`)]);
    for (const path of [options.spoolFolder, join(options.spoolFolder, "left")]) {
      expect(await stat(path)).toMatchObject(CALLER);
    }
  });

  test("gives them nothing that a link in the spool leads to, nor what has another name, and says so", async ({
    folder,
    said,
  }) => {
    const options = await place(folder, said);
    const { spoolFolder } = options;
    const secrets = ["linked", "hard-linked", "in-folder"].map((name) => join(folder, name));
    const [linked = "", hardLinked = "", inFolder = ""] = secrets;
    for (const file of secrets) await writeFile(file, "root's", { mode: 0o600 });
    await symlink(linked, join(spoolFolder, "link"));
    await link(hardLinked, join(spoolFolder, "hard"));
    await mkdir(join(spoolFolder, "folder"));
    await rename(inFolder, join(spoolFolder, "folder", "file"));
    expect(await accountForServices(options, asCaller)).toEqual(CALLER);
    for (const file of [linked, hardLinked, join(spoolFolder, "folder", "file")]) {
      expect(await stat(file), file).toMatchObject({ uid: 0, gid: 0 });
    }
    expect(await stat(join(spoolFolder, "left"))).toMatchObject(CALLER);
    const left = said.filter((line) => line.includes("left alone"));
    expect(left.map((line) => line.split(" ", 1)[0]).sort()).toEqual(
      ["folder", "hard", "link"].map((name) => join(spoolFolder, name)),
    );
  });

  test("does not follow a link that stands where the spool should be, and says so", async ({
    folder,
    said,
  }) => {
    const options = await place(folder, said);
    const elsewhere = join(folder, "elsewhere");
    await rename(options.spoolFolder, elsewhere);
    await symlink(elsewhere, options.spoolFolder);
    expect(await accountForServices(options, asCaller)).toEqual(CALLER);
    for (const path of [elsewhere, join(elsewhere, "left")]) {
      expect(await stat(path)).toMatchObject({ uid: 0, gid: 0 });
    }
    expect(said.join()).toContain(`${options.spoolFolder} is a link`);
  });

  test("as the owner of the checkout, else as `nobody`", async ({ folder, said }) => {
    const options = await place(folder, said);
    expect(await accountForServices(options, withoutSudo)).toEqual({ uid: 65_534, gid: 65_534 });
    await chown(folder, CALLER.uid, CALLER.gid);
    expect(await accountForServices(options, withoutSudo)).toEqual(CALLER);
  });

  test.for([
    ["a folder for the data that is closed", async (folder: string) => chmod(folder, 0o700)],
    [
      "settings that it may not read",
      async (folder: string) => writeFile(join(folder, ".env"), "A=b", { mode: 0o600 }),
    ],
  ] as const)("runs them as root, and says why, with %s", async ([, close], { folder, said }) => {
    const options = await place(folder, said);
    await close(folder);
    const files = [join(folder, ".env")];
    expect(await accountForServices({ ...options, files }, asCaller)).toBe(null);
    expect(said).toEqual([expect.stringMatching(/runs as root, and so do the services: .*EACCES/)]);
    expect(await stat(options.spoolFolder)).toMatchObject({ uid: 0 });
  });

  test("a service that is started so has that account and no group of root's", async ({ folder }) => {
    const script = join(folder, "who.mjs");
    await writeFile(
      script,
      'const { getuid, getgid, getgroups } = process; console.log(JSON.stringify([getuid(), getgid(), getgroups()])); console.log(\'{"msg":"listening","port":1,"adminPort":2}\'); setInterval(() => {}, 1000);',
    );
    const lines: string[] = [];
    const service = supervise({
      name: "who",
      main: script,
      flags: [],
      env: process.env,
      account: CALLER,
      onLine: (line) => lines.push(line),
      onExit: () => {},
    });
    await service.listens;
    await service.stop();
    const [uid, gid, groups]: unknown[] = JSON.parse(lines[0] ?? "[]");
    expect([uid, gid]).toEqual([CALLER.uid, CALLER.gid]);
    expect(groups).not.toContain(0);
  });
});

test("who is not root keeps the rights that they have, and nothing is said", async ({ folder, said }) => {
  const options = await place(folder, said);
  const getuid = process.getuid;
  Object.assign(process, { getuid: () => 1_000 });
  try {
    expect(await accountForServices(options, withoutSudo)).toBe(null);
  } finally {
    Object.assign(process, { getuid });
  }
  expect(said).toEqual([]);
});
