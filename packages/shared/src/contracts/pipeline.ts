import { z } from "zod";
import { accountingSchema } from "./accounting.ts";
import { partOf } from "./part.ts";

/** What a process of a service has said of itself, at most ten seconds ago. */
export const serviceStatusSchema = z.object({
  service: z.enum(["ingest", "worker", "stats-api"]),
  id: z.string().max(200).describe("Of the process: host and process id"),
  version: z.string(),
  startedAt: z.iso.datetime(),
  seenAt: z.iso.datetime().describe("When it said this, by its clock"),
  isReady: z.boolean(),
  problems: z.array(z.string()).describe("Why it is not ready, and what its owner should know"),
  counts: z.record(z.string(), z.number()).describe("What the process has counted since it was started"),
  settings: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]))
    .describe("Settings as they are in effect, without secrets"),
});
export type ServiceStatus = z.infer<typeof serviceStatusSchema>;

/** The queue between ingest and worker. */
export const queueStatusSchema = z.object({
  waitingJobs: z.int().describe("Batches that wait for a worker, the delayed ones included"),
  activeJobs: z.int().describe("Batches that workers have taken"),
  failedJobs: z.int().describe("Batches that could not be read; they are kept"),
  waitingViews: z
    .int()
    .nullable()
    .describe("Views in waiting and taken batches; null where there are too many batches to look into"),
  oldestWaitingSeconds: z
    .number()
    .nullable()
    .describe("Since when the oldest batch waits; null when none does"),
  isPaused: z.boolean(),
});
export type QueueStatus = z.infer<typeof queueStatusSchema>;

export const redisStatusSchema = z.object({
  usedBytes: z.number().nullable(),
  maxBytes: z.number().nullable().describe("0: no limit. Null: not known"),
  evictionPolicy: z.string().nullable(),
  hasAof: z.boolean().nullable().describe("Whether it writes an append-only file, which survives a kill"),
  warnings: z.array(z.string()),
});

export const storedSchema = z.object({
  viewsOfLastMinute: z.int().describe("Stored views of the last minute, bots included"),
  lastViewedAt: z.iso.datetime().nullable().describe("Of the newest stored view of the last day"),
  openDays: z.int().describe("Days that are over and not finalized yet"),
  databaseBytes: z.number(),
  postgresVersion: z.string(),
});

export const rejectedSchema = z.object({
  items: z.array(
    z.object({
      reason: z.string().describe("`unknown_model`, `past_retention`, or `refused` by PostgreSQL"),
      views: z.int(),
      newestAt: z.iso.datetime(),
    }),
  ),
  unkeptViews: z.int().describe("Views of models that do not exist, beyond those that are kept"),
});

/** Something that is not as it should be, and what to do about it. */
export const pipelineProblemSchema = z.object({
  part: z.enum([
    "redis",
    "queue",
    "postgres",
    "workers",
    "worker",
    "ingest",
    "stats-api",
    "waiting",
    "failed-jobs",
    "rejected",
    "maintenance",
    "accounting",
  ]),
  text: z.string(),
  action: z.string(),
});
export type PipelineProblem = z.infer<typeof pipelineProblemSchema>;

/** Answer of `GET /v1/pipeline`. */
export const pipelineAnswerSchema = z.object({
  queue: partOf(queueStatusSchema),
  services: partOf(z.array(serviceStatusSchema)),
  redis: partOf(redisStatusSchema),
  stored: partOf(storedSchema),
  rejected: partOf(rejectedSchema),
  accounting: partOf(accountingSchema),
  problems: z.array(pipelineProblemSchema).describe("Empty when all is well; the most urgent first"),
  asOf: z.iso.datetime(),
});
export type PipelineAnswer = z.infer<typeof pipelineAnswerSchema>;
