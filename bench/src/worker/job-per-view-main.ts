import { databaseUrlSchema, parseConfig, redisUrlSchema } from "@model-views/shared/runtime/config.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { Worker } from "bullmq";
import { drizzle } from "drizzle-orm/node-postgres";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { z } from "zod";
import { PER_VIEW_QUEUE } from "../per-view-queue.ts";
import { originalViews } from "./original-table.ts";

const JOBS_AT_ONCE = 50;
const CONNECTIONS = 10;

// The usual worker: a job per view, an INSERT per job, and nothing that could be counted later without reading it all.
const environment = z.object({ REDIS_URL: redisUrlSchema, DATABASE_URL: databaseUrlSchema });
const config = parseConfig(environment, process.env);
const logger = createLogger({ service: "a job per view", level: "info" });
const db = drizzle(new Pool({ connectionString: config.DATABASE_URL, max: CONNECTIONS }));
const jobSchema = z.object({
  id: z.uuid(),
  modelId: z.uuid(),
  viewerIdentifier: z.string(),
  viewedAt: z.iso.datetime(),
});

const worker = new Worker(
  PER_VIEW_QUEUE,
  async ({ data }) => {
    const { viewedAt, ...view } = jobSchema.parse(data);
    await db.insert(originalViews).values({ ...view, viewedAt: new Date(viewedAt) });
  },
  { connection: new Redis(config.REDIS_URL, { maxRetriesPerRequest: null }), concurrency: JOBS_AT_ONCE },
);
worker.on("failed", (_job, error) => logger.error({ err: error }, "a view could not be inserted"));
process.once("disconnect", () => process.exit(0));
await worker.waitUntilReady();
logger.info("ready");
