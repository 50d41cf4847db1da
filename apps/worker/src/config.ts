import {
  commonShape,
  databaseSchemaSchema,
  databaseUrlSchema,
  keysSchema,
  portSchema,
  redisUrlSchema,
  reportingTimeZoneSchema,
  retentionDaysSchema,
  unknownModelDaysSchema,
  unknownModelViewsSchema,
  wholeNumber,
} from "@model-views/shared/runtime/config.ts";
import { z } from "zod";

/** Settings that the worker reads from the environment. `.env.example` explains each. */
export const workerConfigSchema = z
  .object({
    ...commonShape,
    DATABASE_URL: databaseUrlSchema,
    DATABASE_SCHEMA: databaseSchemaSchema,
    REDIS_URL: redisUrlSchema,
    WORKER_PORT: portSchema.default(4003),
    /** For Bull Board, on the port for operators. Without any, it is there in development alone. */
    ADMIN_KEYS: keysSchema,
    /** Views of all jobs that the worker has taken from the queue. They merge into INSERTs. */
    VIEWS_IN_FLIGHT_MAX: wholeNumber(1, 1_000_000).default(32_000),
    /** Limit for the number of those jobs. */
    JOBS_IN_FLIGHT_MAX: wholeNumber(1, 1_000).default(1_000),
    /** Views of one INSERT. */
    INSERT_VIEWS_MAX: wholeNumber(1, 10_000).default(1_000),
    /** INSERTs at the same time, each on its own connection. */
    INSERTS_IN_FLIGHT_MAX: wholeNumber(1, 16).default(2),
    REPORTING_TIME_ZONE: reportingTimeZoneSchema,
    RETENTION_DAYS: retentionDaysSchema,
    UNKNOWN_MODEL_VIEWS_MAX: unknownModelViewsSchema,
    UNKNOWN_MODEL_DAYS: unknownModelDaysSchema,
    /** Seconds without progress although jobs wait. Then the process ends, so that its supervisor restarts it. */
    PROGRESS_TIMEOUT_SECONDS: wholeNumber(2, 3_600).default(60),
  })
  .refine((config) => config.VIEWS_IN_FLIGHT_MAX >= config.INSERT_VIEWS_MAX * config.INSERTS_IN_FLIGHT_MAX, {
    error: "must fill every INSERT (INSERT_VIEWS_MAX times INSERTS_IN_FLIGHT_MAX), or none is ever full",
    path: ["VIEWS_IN_FLIGHT_MAX"],
  });

export type WorkerConfig = z.infer<typeof workerConfigSchema>;
