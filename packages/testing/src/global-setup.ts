import { access, chmod, constants, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@model-views/db/migrate/migrate.ts";
import { connect } from "@model-views/db/postgres/connect.ts";
import { openLocalServices, removeLocalData } from "@model-views/local-services/open.ts";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A server with the migrated schema in `model_views`; each test gets a copy of it. */
    postgresUrl: string;
    /** A server; each test gets a logical database of it. */
    redisUrl: string;
    /** The number of runs of the long property tests, or the run to repeat: see vitest.config.ts. */
    fastCheck: { numRuns: number; seed: number | undefined; path: string | undefined };
  }
}

/**
 * Starts PostgreSQL and Redis once for the whole run, and removes them afterwards. With `TEST_DATABASE_URL` (whose
 * user may create databases) or `TEST_REDIS_URL` the tests run on another version of either.
 *
 * @public vitest.config.ts names this file
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(await fastFolder(), "model-views-test-"));
  // So that the account that runs PostgreSQL for root gets to its own folder in it.
  await chmod(dataDir, 0o711);
  const { TEST_DATABASE_URL, TEST_REDIS_URL } = process.env;
  const services = await openLocalServices({
    dataDir,
    durable: false,
    log: (line) => process.stderr.write(`${line}\n`),
    ...(TEST_DATABASE_URL ? { databaseUrl: TEST_DATABASE_URL } : {}),
    ...(TEST_REDIS_URL ? { redisUrl: TEST_REDIS_URL } : {}),
  });
  const db = connect({
    databaseUrl: services.databaseUrl,
    applicationName: "model-views tests",
    connectionsMax: 1,
    statementTimeoutMs: 60_000,
    onError: () => {},
  });
  await migrate(db, { now: new Date() });
  await db.$client.end();
  project.provide("postgresUrl", services.databaseUrl);
  project.provide("redisUrl", services.redisUrl);
  return async () => {
    await services.stop();
    await removeLocalData({ dataDir });
    await rm(dataDir, { recursive: true, force: true });
  };
}

/** Memory that is a file system on Linux, where a container has often only some 64 MB of it. */
const MEMORY = "/dev/shm";
/** What all databases of a run need at most, with a margin. */
const BYTES_MIN = 4 * 1024 ** 3;

/**
 * Where the servers keep their files: in memory, where there is enough, because each test copies a database, which is
 * hundreds of files. A run of 11 minutes takes 7 so.
 */
async function fastFolder(): Promise<string> {
  try {
    const { bavail, bsize } = await statfs(MEMORY);
    await access(MEMORY, constants.W_OK);
    if (bavail * bsize >= BYTES_MIN) return MEMORY;
  } catch {
    // There is none.
  }
  return tmpdir();
}
