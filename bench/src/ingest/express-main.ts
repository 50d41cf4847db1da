import { randomUUID } from "node:crypto";
import { VIEWER_COOKIE, viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { portOf } from "@model-views/shared/http/http-server.ts";
import { parseConfig, redisUrlSchema, saltSchema } from "@model-views/shared/runtime/config.ts";
import { createLogger } from "@model-views/shared/runtime/logger.ts";
import { Queue } from "bullmq";
import { parseCookie } from "cookie";
import express from "express";
import { Redis } from "ioredis";
import { z } from "zod";
import { PER_VIEW_QUEUE } from "../per-view-queue.ts";

// What an experienced user of Express writes: a body parser, a validator, a job per view, done when Redis has it.
// In its favour it has no helmet, CORS, rate limit, metrics or request log.
const config = parseConfig(z.object({ REDIS_URL: redisUrlSchema, VIEWER_ID_SALT: saltSchema }), process.env);
const queue = new Queue(PER_VIEW_QUEUE, {
  connection: new Redis(config.REDIS_URL),
  defaultJobOptions: { removeOnComplete: true },
});
const viewSchema = z.object({
  modelId: z.uuid(),
  path: z.string().max(2_048).optional(),
  referrer: z.string().max(2_048).optional(),
});

const app = express();
app.use(express.json());
app.post("/v1/views", async (request, response) => {
  const parsed = viewSchema.safeParse(request.body);
  if (!parsed.success) {
    response.status(422).json({ errors: z.flattenError(parsed.error) });
    return;
  }
  const viewerId = parseCookie(request.headers.cookie ?? "")[VIEWER_COOKIE] ?? randomUUID();
  const id = randomUUID();
  await queue.add("view", {
    id,
    ...parsed.data,
    viewerIdentifier: viewerIdentifierOf(viewerId, config.VIEWER_ID_SALT),
    viewedAt: new Date().toISOString(),
  });
  response.status(202).json({ id });
});

process.once("disconnect", () => process.exit(0));
const server = app.listen(0, "127.0.0.1", () => {
  createLogger({ service: "express", level: "info" }).info({ port: portOf(server) }, "listening");
});
