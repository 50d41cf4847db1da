import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import { isAlive, startMark } from "../src/processes.ts";
import { type Launcher, type Opened, open, query, redisCall, test } from "./fixtures.ts";

const pids = ({ postgresPid, redisPid }: Opened) => [postgresPid, redisPid];
const alive = (opened: Opened) => pids(opened).map((pid) => isAlive(pid ?? 0));
const RUNNING = [true, true];
const GONE = [false, false];

test("servers outlive a launcher that was killed, and the next one takes them up with all they hold", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir, own: true });
  const first = await launcher.opened;
  await query(first.databaseUrl, "create table notes as select 'kept' as text");
  await redisCall(first.redisUrl, "set", "note", "kept");
  await launcher.kill();
  expect(alive(first)).toEqual(RUNNING);

  const next = await open(dataDir, { own: true });
  expect(pids(next)).toEqual(pids(first));
  expect(await query(next.databaseUrl, "select text from notes")).toEqual(["kept"]);
  expect(await redisCall(next.redisUrl, "get", "note")).toBe("kept");
  await next.stop();
  expect(alive(first)).toEqual(GONE);
});

test("a command that only joins leaves what an earlier launcher left running", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir, own: true });
  const first = await launcher.opened;
  await launcher.kill();
  const joined = await open(dataDir);
  await joined.stop();
  expect(alive(first)).toEqual(RUNNING);
});

test("a command that joins a live launcher leaves its servers to it", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir, own: true });
  const first = await launcher.opened;
  const joined = await open(dataDir);
  expect(pids(joined)).toEqual(pids(first));
  await joined.stop();
  expect(alive(first)).toEqual(RUNNING);
  await launcher.stop();
  expect(alive(first)).toEqual(GONE);
});

test("the same command typed twice does not take the first one's servers along when it ends", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir, own: true });
  const first = await launcher.opened;
  await (await open(dataDir, { own: true })).stop();
  expect(alive(first)).toEqual(RUNNING);
  await launcher.stop();
  expect(alive(first)).toEqual(GONE);
});

test("a launcher of an older version, which noted itself elsewhere, keeps its servers too", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir, own: true });
  const first = await launcher.opened;
  const pid = launcher.child.pid ?? 0;
  for (const id of ["postgres", "redis"]) {
    await rm(join(dataDir, `${id}-users.json`));
    await mkdir(join(dataDir, `${id}-users`));
    const noted = JSON.stringify({ pid, mark: startMark(pid), own: true, answers: true });
    await writeFile(join(dataDir, `${id}-users`, `${pid}-0f0f0f0f.json`), noted);
    await writeFile(join(dataDir, `${id}-users`, "half-written.json"), noted.slice(0, 5));
  }
  await (await open(dataDir, { own: true })).stop();
  expect(alive(first)).toEqual(RUNNING);
  await (await open(dataDir, { own: true })).stop();
  expect(alive(first), "when the next one ends, too").toEqual(RUNNING);
  await launcher.kill();
  await (await open(dataDir, { own: true })).stop();
  expect(alive(first)).toEqual(GONE);
});

test("the command that started the servers leaves them to those still there, and the last of these stops them", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const starter = launch({ dataDir });
  const first = await starter.opened;
  const joined = await open(dataDir);
  await starter.stop();
  expect(alive(first)).toEqual(RUNNING);
  await joined.stop();
  expect(alive(first)).toEqual(GONE);
});

test("two launchers at once share one PostgreSQL and one Redis", async ({ dataDir, launch }) => {
  const launchers = [launch({ dataDir }), launch({ dataDir }), launch({ dataDir })];
  const opened = await Promise.all(launchers.map((launcher) => launcher.opened));
  const [first] = opened as [Opened];
  for (const one of opened) expect(one).toEqual(first);
  expect(await query(first.databaseUrl, "select 1")).toEqual([1]);
  const made = launchers.flatMap(({ lines }) => lines).filter((line) => line.includes("making"));
  expect(made).toHaveLength(1);
  for (const [index, launcher] of launchers.entries()) {
    expect(alive(first)).toEqual(RUNNING);
    await launcher.stop();
    if (index === launchers.length - 1) expect(alive(first)).toEqual(GONE);
  }
});

test("the Ctrl-C of a terminal, sent to the whole process group, does not reach the servers", async ({
  sharedDataDir: dataDir,
  launch,
}) => {
  const launcher = launch({ dataDir });
  const opened = await launcher.opened;
  process.kill(-processGroup(launcher), "SIGINT");
  await launcher.logged("SIGINT");
  expect(await query(opened.databaseUrl, "select 1")).toEqual([1]);
  expect(await redisCall(opened.redisUrl, "ping")).toBe("PONG");
  await launcher.stop();
  expect(alive(opened)).toEqual(GONE);
});

test("servers whose data folder was deleted are stopped all the same", async ({ dataDir }) => {
  const services = await open(dataDir);
  await rm(dataDir, { recursive: true });
  await services.stop();
  expect(alive(services)).toEqual(GONE);
});

function processGroup({ child }: Launcher): number {
  if (child.pid === undefined) throw new Error("the launcher does not run");
  return child.pid;
}
