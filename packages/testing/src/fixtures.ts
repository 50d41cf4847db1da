import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Db } from "@model-views/db/postgres/connect.ts";
import { Redis } from "ioredis";
import { test as base, expect, inject } from "vitest";
import { connectTest, createDatabase } from "./database.ts";
import { type RunningService, type SpawnOptions, spawnService } from "./services.ts";
import { openSystem, type System } from "./system.ts";

export type Fixtures = {
  /** A fresh copy of the migrated schema. */
  databaseUrl: string;
  /** The same, connected. The test fails when it does not release a connection. */
  db: Db;
  /** An empty Redis database. */
  redisUrl: string;
  redis: Redis;
  /** Starts a service as a process on a free port; it is killed after the test. */
  start: (
    name: "ingest" | "worker" | "stats-api",
    env?: Record<string, string>,
    options?: SpawnOptions,
  ) => Promise<RunningService>;
  /** All three services with their default settings, for the tests of a file that do not stop them. */
  system: System;
};

/** Tests on real PostgreSQL and Redis; each gets only the fixtures that it names. */
export const test = base.extend<Fixtures>({
  databaseUrl: async ({ task: _ }, use) => {
    const { url, drop } = await createDatabase();
    await use(url);
    await drop();
  },

  db: async ({ databaseUrl }, use) => {
    const db = connectTest(databaseUrl);
    await use(db);
    const { totalCount, idleCount } = db.$client;
    await db.$client.end();
    expect(idleCount, "connections given back").toBe(totalCount);
  },

  redisUrl: async ({ task: _ }, use) => {
    const url = new URL(inject("redisUrl"));
    // One for each process of the run, because each runs one test at a time. A Redis has 16, from 0.
    url.pathname = `/${process.env["VITEST_POOL_ID"]}`;
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

  system: [
    async ({ task: _ }, use) => {
      const system = await openSystem();
      await use(system);
      await system.close();
    },
    { scope: "file" },
  ],
});
