import {
  clientAddressHeaderSchema,
  HEADER_WITHOUT_PROXY,
  hasProxyForHeader,
  trustNobody,
  trustProxySchema,
} from "@model-views/shared/http/client-address.ts";
import { networksSchema } from "@model-views/shared/http/networks.ts";
import { originsSchema } from "@model-views/shared/http/origins.ts";
import {
  commonShape,
  keysSchema,
  portSchema,
  redisUrlSchema,
  saltSchema,
  wholeNumber,
} from "@model-views/shared/runtime/config.ts";
import { z } from "zod";
import { countryDatabaseSchema } from "./enrichment/country.ts";
import { spamReferrersSchema } from "./enrichment/referrer-spam.ts";
import { scriptPathSchema, viewsPathSchema } from "./routes/public-paths.ts";

const trueOrFalse = z.stringbool({ truthy: ["true"], falsy: ["false"], error: "must be true or false" });

/** What ingest reads from the environment; `.env.example` says what each is for. */
export const ingestConfigSchema = z
  .object({
    ...commonShape,
    REDIS_URL: redisUrlSchema,
    INGEST_PORT: portSchema.default(4001),
    INGEST_ADMIN_PORT: portSchema.default(4011),
    VIEWER_ID_SALT: saltSchema,
    SERVER_KEYS: keysSchema,
    /** Exact origins of the pages that may post views. */
    ALLOWED_ORIGINS: originsSchema,
    /** Secrets of page tokens, the first of which the website signs with; none: no token is asked for. */
    PAGE_TOKEN_SECRETS: keysSchema,
    RATE_LIMIT_PER_MINUTE: wholeNumber(0, 1_000_000).default(600),
    /** What an hour may bring before the rest of it is suspect: kept, and not counted. */
    SUSPECT_VIEWERS_PER_ADDRESS: wholeNumber(0, 100_000).default(100),
    SUSPECT_VIEWS_PER_ADDRESS_AND_MODEL: wholeNumber(0, 1_000_000).default(200),
    SUSPECT_VIEWS_PER_TOKEN: wholeNumber(0, 10_000_000).default(5_000),
    VIEWER_MODE: z.enum(["cookie", "cookieless"]).default("cookie"),
    /** The pages are of another site than ingest: the cookie has to be one that such a page may send. */
    CROSS_SITE_COOKIE: trueOrFalse.default(false),
    /** `Sec-GPC: 1` and `DNT: 1` leave no cookie. */
    HONOUR_PRIVACY_SIGNALS: trueOrFalse.default(true),
    STORE_IP: z.enum(["off", "truncated", "full"]).default("off"),
    STORE_USER_AGENT: trueOrFalse.default(false),
    TRUST_PROXY: trustProxySchema.default(() => trustNobody),
    /** A header in which a trusted proxy names the client alone, in place of `X-Forwarded-For`. */
    CLIENT_ADDRESS_HEADER: clientAddressHeaderSchema.optional(),
    /** Views of these addresses are left out. */
    IGNORE_ADDRESSES: networksSchema.default(() => () => false),
    /** Addresses that pages ask for: lists of trackers block by address. */
    SCRIPT_PATH: scriptPathSchema,
    VIEWS_PATH: viewsPathSchema,
    /** Another database of countries than the one that comes along. */
    COUNTRY_DATABASE: countryDatabaseSchema.optional(),
    SPAM_REFERRERS: spamReferrersSchema,
    /** Folder of the spool, which takes views while Redis cannot. */
    DATA_DIR: z.string().default(".data"),
    /** Bytes of all spools in that folder; beyond it new views get a 503. */
    SPOOL_BYTES_MAX: wholeNumber(0, 1_000_000_000_000).default(1_073_741_824),
    /** Views that may wait for Redis in memory, unacknowledged, before new ones get a 503. */
    VIEWS_WAITING_MAX: wholeNumber(1, 1_000_000).default(20_000),
  })
  .refine(hasProxyForHeader, HEADER_WITHOUT_PROXY);
