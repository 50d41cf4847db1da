/** Names of checks that a defect is known to break; those of the views are in check-views.ts. */
export const ROLLUPS_DIFFER = "rollups that differ from the views";
export const JOBS_FAILED = "jobs that failed, and garbage that did not";
export const INGEST_DIED = "ingests that ended by themselves";
export const EMPTY = "queue and spools become empty";
export const NOT_CUT_OFF = "clients that send many requests at once and are not cut off";
export const UNSAFE_SPOOLING = "batches spooled in a way that a power cut could undo";
