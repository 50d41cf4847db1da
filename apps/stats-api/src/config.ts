import {
  commonShape,
  databaseSchemaSchema,
  databaseUrlSchema,
  keysSchema,
  portSchema,
  redisUrlSchema,
  wholeNumber,
} from "@model-views/shared/config.ts";
import { z } from "zod";

/** What the stats API reads from the environment; `.env.example` says what each is for. */
export const statsConfigSchema = z
  .object({
    ...commonShape,
    DATABASE_URL: databaseUrlSchema,
    DATABASE_SCHEMA: databaseSchemaSchema,
    /** For questions alone, with a role that may only read, or on a replica. */
    STATS_DATABASE_URL: databaseUrlSchema.optional(),
    /** Where answers about periods are kept for a moment; without it nowhere. */
    REDIS_URL: redisUrlSchema.optional(),
    STATS_PORT: portSchema.default(4002),
    STATS_KEYS: keysSchema,
    ADMIN_KEYS: keysSchema,
    /** Connections to PostgreSQL for questions. */
    STATS_CONNECTIONS_MAX: wholeNumber(1, 100).default(10),
    /** Seconds for which the answer about a period is fresh; 0: none is kept. */
    STATS_CACHE_SECONDS: wholeNumber(0, 60).default(5),
  })
  .refine(hasKeyOutsideDevelopment("STATS_KEYS"), neededKey("STATS_KEYS"))
  .refine(hasKeyOutsideDevelopment("ADMIN_KEYS"), neededKey("ADMIN_KEYS"));

type KeyVariable = "STATS_KEYS" | "ADMIN_KEYS";

function hasKeyOutsideDevelopment(name: KeyVariable) {
  return (config: { NODE_ENV: string } & Record<KeyVariable, string[]>) =>
    config.NODE_ENV === "development" || config[name]?.length !== 0;
}

/** Checked also when other variables are wrong, so that all are named at once. */
function neededKey(name: KeyVariable) {
  return { error: "needs a key, unless NODE_ENV is development", path: [name], when: () => true };
}
