import {
  databaseSchemaSchema,
  databaseUrlSchema,
  keysSchema,
  portSchema,
  redisUrlSchema,
  reportingTimeZoneSchema,
  saltSchema,
} from "@model-views/shared/runtime/config.ts";
import { z } from "zod";

/** The folder with the data of the local PostgreSQL and Redis, and the secrets made at the first start. */
export const dataDirShape = { DATA_DIR: z.string().default(".data") };

/** Settings of commands that need the database: its URL, or else the folder of the local one. */
export const databaseSettings = z.object({
  ...dataDirShape,
  DATABASE_URL: databaseUrlSchema.optional(),
  DATABASE_SCHEMA: databaseSchemaSchema,
});

/** Settings of commands that need the queue: the URL of its Redis, or else the folder of the local one. */
export const queueSettings = z.object({ ...dataDirShape, REDIS_URL: redisUrlSchema.optional() });

/** A day (its start in UTC), or an instant with `Z` or an offset. */
export const instantSchema = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform((given) => new Date(given));

/** Settings of `npm start`; the rest of the environment goes to the services as it is. */
export const startSettings = databaseSettings.extend({
  STATS_DATABASE_URL: databaseUrlSchema.optional(),
  REPORTING_TIME_ZONE: reportingTimeZoneSchema,
  REDIS_URL: redisUrlSchema.optional(),
  VIEWER_ID_SALT: saltSchema.optional(),
  INGEST_PORT: portSchema.default(4001),
  STATS_PORT: portSchema.default(4002),
  WORKER_PORT: portSchema.default(4003),
  INGEST_ADMIN_PORT: portSchema.default(4011),
  STATS_ADMIN_PORT: portSchema.default(4012),
  STATS_KEYS: keysSchema,
  ADMIN_KEYS: keysSchema,
  NODE_ENV: z.string().default("development"),
});

export type StartSettings = z.infer<typeof startSettings>;
