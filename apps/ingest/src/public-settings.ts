import type { ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import type { IngestConfig } from "./config.ts";

/** Settings that others may see: how views are accepted, and what is stored of their viewers. No keys, salts or secrets. */
export function publicSettings(config: IngestConfig): ServiceStatus["settings"] {
  return {
    VIEWER_MODE: config.VIEWER_MODE,
    HONOUR_PRIVACY_SIGNALS: config.HONOUR_PRIVACY_SIGNALS,
    STORE_IP: config.STORE_IP,
    STORE_USER_AGENT: config.STORE_USER_AGENT,
    CROSS_SITE_COOKIE: config.CROSS_SITE_COOKIE,
    ALLOWED_ORIGINS: config.ALLOWED_ORIGINS,
    RATE_LIMIT_PER_MINUTE: config.RATE_LIMIT_PER_MINUTE,
    SUSPECT_VIEWERS_PER_ADDRESS: config.SUSPECT_VIEWERS_PER_ADDRESS,
    SCRIPT_PATH: config.SCRIPT_PATH,
    VIEWS_PATH: config.VIEWS_PATH,
    SPOOL_BYTES_MAX: config.SPOOL_BYTES_MAX,
    needsPageToken: config.PAGE_TOKEN_SECRETS.length > 0,
    serverKeys: config.SERVER_KEYS.length,
  };
}
