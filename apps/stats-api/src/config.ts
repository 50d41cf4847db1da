import { resolve } from "node:path";
import {
  clientAddressHeaderSchema,
  HEADER_WITHOUT_PROXY,
  hasProxyForHeader,
  trustNone,
  trustProxySchema,
} from "@model-views/shared/http/client-address.ts";
import { originsSchema } from "@model-views/shared/http/origins.ts";
import {
  commonShape,
  databaseSchemaSchema,
  databaseUrlSchema,
  keysSchema,
  portSchema,
  redisUrlSchema,
  wholeNumber,
} from "@model-views/shared/runtime/config.ts";
import { z } from "zod";

/** What the stats API reads from the environment; `.env.example` explains each setting. */
export const statsConfigSchema = z
  .object({
    ...commonShape,
    DATABASE_URL: databaseUrlSchema,
    DATABASE_SCHEMA: databaseSchemaSchema,
    /** Only for questions: with a role that may only read, or on a replica. */
    STATS_DATABASE_URL: databaseUrlSchema.optional(),
    /** Where answers about periods are cached. Without it, they are not. */
    REDIS_URL: redisUrlSchema.optional(),
    STATS_PORT: portSchema.default(4002),
    STATS_ADMIN_PORT: portSchema.default(4012),
    STATS_KEYS: keysSchema,
    ADMIN_KEYS: keysSchema,
    /** Other origins whose pages may ask, exactly as browsers send them. */
    STATS_ALLOWED_ORIGINS: originsSchema,
    /** Requests without a valid key that one address may send in a minute; 0 is no limit. */
    RATE_LIMIT_PER_MINUTE: wholeNumber(0, 1_000_000).default(600),
    TRUST_PROXY: trustProxySchema.default(() => trustNone),
    /** A header in which a trusted proxy sends the client's address only, in place of `X-Forwarded-For`. */
    CLIENT_ADDRESS_HEADER: clientAddressHeaderSchema.optional(),
    /** The folder of the built dashboard, which is served at `/`. */
    DASHBOARD_DIR: z
      .string()
      .min(1)
      .transform((folder) => resolve(folder))
      .optional(),
    /** Connections to PostgreSQL for questions. */
    STATS_CONNECTIONS_MAX: wholeNumber(1, 100).default(10),
    /** Seconds for which an answer about a period is fresh; 0: none is cached. */
    STATS_CACHE_SECONDS: wholeNumber(0, 60).default(5),
  })
  .refine(hasProxyForHeader, HEADER_WITHOUT_PROXY)
  .refine(hasKeyOutsideDevelopment("STATS_KEYS"), neededKey("STATS_KEYS"))
  .refine(hasKeyOutsideDevelopment("ADMIN_KEYS"), neededKey("ADMIN_KEYS"));
export type StatsConfig = z.infer<typeof statsConfigSchema>;

type KeyVariable = "STATS_KEYS" | "ADMIN_KEYS";

function hasKeyOutsideDevelopment(name: KeyVariable) {
  return (config: { NODE_ENV: string } & Record<KeyVariable, string[]>) =>
    config.NODE_ENV === "development" || config[name]?.length !== 0;
}

/** Checked also when other variables are wrong, so that one error names all of them. */
function neededKey(name: KeyVariable) {
  return { error: "needs a key, unless NODE_ENV is development", path: [name], when: () => true };
}
