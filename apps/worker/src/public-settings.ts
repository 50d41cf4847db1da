import type { ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import type { WorkerConfig } from "./config.ts";

/** Settings that others may see: for how long what is kept, and how much is done at once. No addresses and passwords of databases. */
export function publicSettings(config: WorkerConfig): ServiceStatus["settings"] {
  return {
    RETENTION_DAYS: config.RETENTION_DAYS,
    UNKNOWN_MODEL_DAYS: config.UNKNOWN_MODEL_DAYS,
    UNKNOWN_MODEL_VIEWS_MAX: config.UNKNOWN_MODEL_VIEWS_MAX,
    INSERT_VIEWS_MAX: config.INSERT_VIEWS_MAX,
    INSERTS_IN_FLIGHT_MAX: config.INSERTS_IN_FLIGHT_MAX,
    VIEWS_IN_FLIGHT_MAX: config.VIEWS_IN_FLIGHT_MAX,
  };
}
