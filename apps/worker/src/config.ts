import {
  commonShape,
  databaseSchemaSchema,
  databaseUrlSchema,
  portSchema,
  redisUrlSchema,
  retentionDaysSchema,
  unknownModelDaysSchema,
  unknownModelViewsSchema,
  wholeNumber,
} from "@model-views/shared/runtime/config.ts";
import { z } from "zod";

/** What the worker reads from the environment; `.env.example` says what each is for. */
export const workerConfigSchema = z
  .object({
    ...commonShape,
    DATABASE_URL: databaseUrlSchema,
    DATABASE_SCHEMA: databaseSchemaSchema,
    REDIS_URL: redisUrlSchema,
    WORKER_PORT: portSchema.default(4003),
    /** Views of the jobs that are taken from the queue at the same time; they merge into inserts. */
    VIEWS_IN_FLIGHT_MAX: wholeNumber(1, 1_000_000).default(32_000),
    /** Those jobs, however few views they have. */
    JOBS_IN_FLIGHT_MAX: wholeNumber(1, 1_000).default(1_000),
    /** Views of one INSERT. */
    INSERT_VIEWS_MAX: wholeNumber(1, 10_000).default(1_000),
    /** INSERTs at the same time, each on a connection of its own. */
    INSERTS_IN_FLIGHT_MAX: wholeNumber(1, 16).default(2),
    RETENTION_DAYS: retentionDaysSchema,
    UNKNOWN_MODEL_VIEWS_MAX: unknownModelViewsSchema,
    UNKNOWN_MODEL_DAYS: unknownModelDaysSchema,
    /** Seconds without a job done while there are some, after which the process ends for its supervisor to start it again. */
    PROGRESS_TIMEOUT_SECONDS: wholeNumber(2, 3_600).default(60),
  })
  .refine((config) => config.VIEWS_IN_FLIGHT_MAX >= config.INSERT_VIEWS_MAX * config.INSERTS_IN_FLIGHT_MAX, {
    error: "must fill every INSERT (INSERT_VIEWS_MAX times INSERTS_IN_FLIGHT_MAX), or none is ever full",
    path: ["VIEWS_IN_FLIGHT_MAX"],
  });
