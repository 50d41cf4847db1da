import {
  commonShape,
  keysSchema,
  portSchema,
  redisUrlSchema,
  saltSchema,
  wholeNumber,
} from "@model-views/shared/config.ts";
import { z } from "zod";
import { trustProxySchema } from "./client-address.ts";

/** What ingest reads from the environment; `.env.example` says what each is for. */
export const ingestConfigSchema = z.object({
  ...commonShape,
  REDIS_URL: redisUrlSchema,
  INGEST_PORT: portSchema.default(4001),
  VIEWER_ID_SALT: saltSchema,
  SERVER_KEYS: keysSchema,
  STORE_IP: z.enum(["off", "truncated", "full"]).default("off"),
  STORE_USER_AGENT: z
    .stringbool({ truthy: ["true"], falsy: ["false"], error: "must be true or false" })
    .default(false),
  TRUST_PROXY: trustProxySchema.default(0),
  /** Folder of the spool, which takes views while Redis cannot. */
  DATA_DIR: z.string().default(".data"),
  /** Bytes of one process's spool; beyond it new views get a 503. */
  SPOOL_BYTES_MAX: wholeNumber(0, 1_000_000_000_000).default(1_073_741_824),
  /** Views that may wait for Redis in memory, unacknowledged, before new ones get a 503. */
  VIEWS_WAITING_MAX: wholeNumber(1, 1_000_000).default(20_000),
});
