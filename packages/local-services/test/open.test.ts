import { once } from "node:events";
import { readdir, readFile, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { isAlive } from "../src/processes.ts";
import { asUser, open, query, redisCall, test } from "./fixtures.ts";

test(`what was written is there after a restart, on the same addresses (${asUser})`, async ({ dataDir }) => {
  const first = await open(dataDir, { durable: true });
  await query(first.databaseUrl, "create table notes as select 'kept' as text");
  await redisCall(first.redisUrl, "set", "note", "kept");
  expect(await openToOthers(dataDir)).toEqual([]);
  await first.stop();
  expect([first.postgresPid, first.redisPid].map((pid) => isAlive(pid ?? 0))).toEqual([false, false]);

  const second = await open(dataDir, { durable: true });
  expect(second).toMatchObject({ databaseUrl: first.databaseUrl, redisUrl: first.redisUrl });
  expect(second.lines).toEqual([]);
  expect(await query(second.databaseUrl, "select text from notes")).toEqual(["kept"]);
  expect(await redisCall(second.redisUrl, "get", "note")).toBe("kept");
  await second.stop();
});

/** What others could look into: what lies in a folder that is closed to them is closed as well. */
async function openToOthers(folder: string): Promise<string[]> {
  const entries = (await readdir(folder)).map(async (name) => {
    const { mode } = await stat(join(folder, name));
    return (mode & 0o077) === 0 ? [] : [`${name} ${(mode & 0o777).toString(8)}`];
  });
  return (await Promise.all(entries)).flat();
}

test("the servers are as the system expects them, and as the caller sets them", async ({
  sharedDataDir: dataDir,
}) => {
  const services = await open(dataDir, {
    durable: true,
    postgresSettings: { work_mem: "7MB" },
    redisSettings: { maxmemory: "64mb" },
  });
  const sql = `select current_database(), datcollate, ${[
    "server_encoding",
    "max_connections",
    "listen_addresses",
    "fsync",
    "work_mem",
  ]
    .map((name) => `current_setting('${name}')`)
    .join()} from pg_database where datname = current_database()`;
  expect(await query(services.databaseUrl, sql)).toEqual([
    ...["model_views", "C", "UTF8", "100", "127.0.0.1", "on", "7MB"],
  ]);
  for (const [name, value] of Object.entries({
    appendonly: "yes",
    appendfsync: "everysec",
    "maxmemory-policy": "noeviction",
    maxmemory: "67108864",
    bind: "127.0.0.1",
  })) {
    expect(await redisCall(services.redisUrl, "config", "get", name)).toEqual([name, value]);
  }
  await services.stop();
});

test("another password is refused", async ({ sharedDataDir: dataDir }) => {
  const services = await open(dataDir);
  const guess = services.databaseUrl.replace(/:[0-9a-f]{64}@/, ":guess@");
  await expect(query(guess, "select 1")).rejects.toThrow(/password authentication failed/);
  const redis = connect(Number(new URL(services.redisUrl).port), "127.0.0.1");
  for (const [command, answer] of [
    ["PING", /^-NOAUTH/],
    ["AUTH guess", /^-WRONGPASS/],
  ] as const) {
    redis.write(`${command}\r\n`);
    expect(String(await once(redis, "data"))).toMatch(answer);
  }
  redis.destroy();
  await services.stop();
});

test("servers that are given are handed back as they are, and nothing is made", async ({ dataDir }) => {
  const given = { databaseUrl: "postgres://db.example/views", redisUrl: "redis://queue.example" };
  const services = await open(dataDir, given);
  expect(services).toMatchObject({ ...given, postgresPid: null, redisPid: null, lines: [] });
  await services.stop();
});

test("when one of the two does not start, the other is stopped again", async ({ sharedDataDir: dataDir }) => {
  await expect(open(dataDir, { redisSettings: { maxmemory: "plenty" } })).rejects.toThrow(
    /Redis did not start.*maxmemory/s,
  );
  expect(await readFile(join(dataDir, "postgres.log"), "utf8")).toMatch(/database system is shut down\n$/);
});
