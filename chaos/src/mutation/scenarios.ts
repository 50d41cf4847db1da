import type { ScenarioName } from "../lab/mutant.ts";
import type { FaultName } from "../plan/faults.ts";
import type { PlannedFault } from "../plan/plan.ts";

/** The faults that catch each kind of mutant, in a few seconds. Without a mutant the system passes all of them. */
export const SCENARIOS: Record<ScenarioName, readonly PlannedFault[]> = {
  /** Ingests die while they spool, and while the queue is slow to answer. */
  spooling: [
    entry(1_500, "black-hole-link", "ingest-redis", 5_000),
    entry(3_500, "kill-ingest", "ingest-0", 300),
    entry(5_000, "kill-ingest", "ingest-1", 300),
    entry(7_500, "slow-link", "ingest-redis", 4_000),
    entry(8_500, "kill-ingest", "ingest-0", 300),
    entry(10_000, "kill-ingest", "ingest-1", 300),
  ],
  /** Workers, and their connections to PostgreSQL, die in the middle of recording. */
  "worker-kills": [
    entry(1_500, "kill-recording-worker", "worker-0", 300),
    entry(4_000, "kill-recording-worker", "worker-1", 300),
    entry(6_500, "terminate-backends", "postgres", 1_000),
    entry(8_500, "kill-recording-worker", "worker-0", 300),
  ],
  /** Late views come while their hours and days are finalized, by workers that die and lose their connections. */
  finalizing: [
    entry(1_500, "kill-worker", "worker-0", 300),
    entry(4_000, "terminate-backends", "postgres", 500),
    entry(7_000, "delete-model", "model", 500),
    entry(9_000, "kill-worker", "worker-1", 300),
    entry(10_001, "erase-viewer", "viewer", 0),
    entry(12_000, "delete-model", "model", 500),
  ],
  /** Viewers are erased of whom more views come. */
  erasures: [
    entry(2_000, "erase-viewer", "viewer", 0),
    entry(3_001, "erase-viewer", "viewer", 0),
    entry(5_000, "kill-worker", "worker-0", 300),
    entry(6_002, "erase-viewer", "viewer", 0),
  ],
  /** Two workers die one after the other while they have the same job. */
  "same-job": [entry(1_500, "kill-same-job", "workers", 0)],
  /** Batches with a view that PostgreSQL refuses. */
  "bad-views": [entry(1_500, "bad-view", "nul", 0), entry(3_000, "bad-view", "year-zero", 0)],
  /** Both workers' clocks are an hour ahead while PostgreSQL is away, so that they give jobs back. */
  clocks: [
    entry(1_500, "clock-step", "worker-0", 3_000),
    entry(1_500, "clock-step", "worker-1", 3_000),
    entry(2_500, "postgres-immediate-stop", "postgres", 3_000),
    entry(6_000, "garbage-job", "no-json", 0),
  ],
  /** Jobs of a later version, and workers that die while they have them. */
  "later-jobs": [
    entry(1_500, "later-version-jobs", "jobs", 0),
    entry(3_000, "kill-worker", "worker-0", 300),
    entry(4_500, "later-version-jobs", "jobs", 0),
  ],
  /** Redis ends while the disk of its append-only file is full; the last time it runs until there is room again. */
  "redis-disk": [
    entry(1_500, "redis-disk-full", "killed", 1_000),
    entry(5_500, "redis-disk-full", "killed", 1_000),
    entry(9_500, "redis-disk-full", "killed", 1_000),
    entry(13_500, "redis-disk-full", "freed", 2_000),
  ],
  /** The spools fill their disk, and are drained while it is full; the second time ingests are killed and started again meanwhile. */
  "spool-disk": [
    entry(1_500, "spool-disk-full", "ingest", 8_000),
    entry(10_500, "spool-disk-full", "ingest", 8_000),
    entry(14_000, "kill-ingest", "ingest-0", 300),
    entry(16_500, "kill-ingest", "ingest-1", 300),
  ],
  /** PostgreSQL has no room for more rows, then none for more of its write-ahead log. */
  "postgres-disk": [entry(1_500, "postgres-disk-full", "postgres", 4_000)],
  /** Rights of the documentation are missing for a moment. */
  rights: [
    entry(1_500, "postgres-missing-right", "postgres", 2_000),
    entry(9_001, "postgres-missing-right", "postgres", 2_000),
  ],
  /** Readers that leave before their answer, and readers that do not read it. */
  readers: [
    entry(1_500, "leaving-readers", "stats-api-0", 0),
    entry(5_000, "stalled-readers", "stats-api-0", 6_000),
  ],
  /** Clients that send faster than they read, and clients that never complete a request. */
  clients: [
    entry(1_500, "pipelined-requests", "ingest-0", 0),
    entry(3_000, "stalled-clients", "ingest-1", 3_000),
    entry(8_000, "pipelined-requests", "ingest-1", 0),
  ],
};

function entry(atMs: number, fault: FaultName, target: string, durationMs: number): PlannedFault {
  return { atMs, fault, target, durationMs, isAlone: false };
}
