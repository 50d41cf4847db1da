import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@model-views/db/connect.ts";
import { migrate } from "@model-views/db/migrate.ts";
import { openLocalServices } from "@model-views/local-services/open.ts";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A server with the migrated schema in `model_views`, of which each test gets a copy. */
    postgresUrl: string;
    /** A server of which each test gets a logical database. */
    redisUrl: string;
  }
}

/**
 * Starts PostgreSQL and Redis once for the whole run, and leaves nothing of them.
 *
 * @public vitest.config.ts names this file
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "model-views-test-"));
  const services = await openLocalServices({
    dataDir,
    durable: false,
    log: (line) => process.stderr.write(`${line}\n`),
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
    await rm(dataDir, { recursive: true, force: true });
  };
}
