import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Db } from "@model-views/db/postgres/connect.ts";
import { Redis } from "ioredis";
import { Client } from "pg";
import { test as base, expect, inject } from "vitest";
import { type RunningService, type SpawnOptions, spawnService } from "./services.ts";

/** Logical databases of a Redis server, but the first, which keeps the count of those handed out. */
const REDIS_DATABASES = 15;

export type Fixtures = {
  /** A fresh copy of the migrated schema. */
  databaseUrl: string;
  /** The same, connected. The test fails when it leaves a connection checked out. */
  db: Db;
  /** An empty Redis database. */
  redisUrl: string;
  redis: Redis;
  /** Starts a service as its own process on a free port; it is gone after the test. */
  start: (
    name: "ingest" | "worker" | "stats-api",
    env?: Record<string, string>,
    options?: SpawnOptions,
  ) => Promise<RunningService>;
};

/** Tests on real PostgreSQL and Redis; each gets only what it names. */
export const test = base.extend<Fixtures>({
  databaseUrl: async ({ task: _ }, use) => {
    const { url, drop } = await createDatabase();
    await use(url);
    await drop();
  },

  db: async ({ databaseUrl }, use) => {
    const db = connect({
      databaseUrl,
      applicationName: "model-views test",
      connectionsMax: 8,
      statementTimeoutMs: 20_000,
      onError: () => {},
    });
    await use(db);
    const { totalCount, idleCount } = db.$client;
    await db.$client.end();
    expect(idleCount, "connections given back").toBe(totalCount);
  },

  redisUrl: async ({ task: _ }, use) => {
    const url = new URL(inject("redisUrl"));
    const counter = new Redis(url.href);
    const handedOut = await counter.incr("databases handed out");
    counter.disconnect();
    url.pathname = `/${(handedOut % REDIS_DATABASES) + 1}`;
    await use(url.href);
  },

  redis: async ({ redisUrl }, use) => {
    const redis = new Redis(redisUrl);
    await redis.flushdb();
    await use(redis);
    redis.disconnect();
  },

  start: async ({ databaseUrl, redisUrl, redis: _flushed }, use) => {
    const services: RunningService[] = [];
    const dataDir = await mkdtemp(join(tmpdir(), "model-views-service-"));
    await use(async (name, env = {}, options = {}) => {
      const defaults = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, DATA_DIR: dataDir };
      const service = await spawnService(name, { ...defaults, ...env }, options);
      services.push(service);
      return service;
    });
    await Promise.all(services.map(({ kill }) => kill("SIGKILL")));
    await rm(dataDir, { recursive: true });
  },
});

/** A fresh copy of the migrated schema, for more than one test. */
export async function createDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const template = new URL(inject("postgresUrl"));
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const own = new URL(template);
  own.pathname = `/${name}`;
  // By its files: through the log it takes up to five times as long.
  const copy = `template ${template.pathname.slice(1)} strategy file_copy`;
  await asAdmin(template, `create database ${name} ${copy}`);
  return { url: own.href, drop: () => asAdmin(template, `drop database ${name} with (force)`) };
}

/** From the server's own database: a template must not have anybody connected. */
async function asAdmin(template: URL, statement: string): Promise<void> {
  const url = new URL(template);
  url.pathname = "/postgres";
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
