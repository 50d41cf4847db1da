import type { ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import type { StatsConfig } from "./config.ts";

/** Settings that others may see. No keys, and no addresses and passwords of databases. */
export function publicSettings(config: StatsConfig): ServiceStatus["settings"] {
  return {
    STATS_CACHE_SECONDS: config.STATS_CACHE_SECONDS,
    STATS_CONNECTIONS_MAX: config.STATS_CONNECTIONS_MAX,
    STATS_ALLOWED_ORIGINS: config.STATS_ALLOWED_ORIGINS,
    RATE_LIMIT_PER_MINUTE: config.RATE_LIMIT_PER_MINUTE,
    hasReadReplica: config.STATS_DATABASE_URL !== undefined,
    hasDashboard: config.DASHBOARD_DIR !== undefined,
  };
}
