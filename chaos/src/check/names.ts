/** Names of checks that a mutant is known to break; those of the views are in check-views.ts. */
export const ROLLUPS_DIFFER = "rollups that differ from the views";
export const JOBS_FAILED = "jobs that failed, and garbage that did not";
export const SERVICE_DIED = "ingests and stats APIs that ended by themselves";
export const EMPTY = "queue and spools become empty";
export const NOT_CUT_OFF = "clients that send many requests at once and are not cut off";
export const LATER_GONE = "jobs of a later version that do not wait any more";
export const STATS_UNANSWERED = "what the stats API does not answer after the last fault";
export const STATS_LEFT_OPEN = "connections of the stats API at work though no question is open";
export const NOT_DRAINED = "spools that are not drained while their disk is full";
export const READERS_HELD_UP = "readers who have to wait for others that do not read";
export const UNSAFE_SPOOLING = "batches spooled in a way that a power cut could undo";
