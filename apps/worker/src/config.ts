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
} from "@model-views/shared/config.ts";
import { BATCH_VIEWS_MAX } from "@model-views/shared/views.ts";
import { z } from "zod";

/** What the worker reads from the environment; `.env.example` says what each is for. */
export const workerConfigSchema = z
  .object({
    ...commonShape,
    DATABASE_URL: databaseUrlSchema,
    DATABASE_SCHEMA: databaseSchemaSchema,
    REDIS_URL: redisUrlSchema,
    WORKER_PORT: portSchema.default(4003),
    /** Jobs taken from the queue at the same time; they merge into inserts. */
    JOBS_IN_FLIGHT_MAX: wholeNumber(1, 1_000).default(64),
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
  .refine(
    (config) =>
      config.JOBS_IN_FLIGHT_MAX * BATCH_VIEWS_MAX >= config.INSERT_VIEWS_MAX * config.INSERTS_IN_FLIGHT_MAX,
    {
      error: `times ${BATCH_VIEWS_MAX} views a job must fill every INSERT, or none is ever full`,
      path: ["JOBS_IN_FLIGHT_MAX"],
    },
  );
