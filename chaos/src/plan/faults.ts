/** Faults of one track come one after the other; those of different tracks overlap. */
export type Track = "services" | "stores" | "proxies" | "data" | "clients";

/** Milliseconds that a fault lasts: at least, at most. */
export type Span = readonly [minMs: number, maxMs: number];

type FaultKind = {
  track: Track;
  /** The targets; the plan takes each in turn. */
  targets: readonly string[];
  lasts: Span;
  /** How many processes end by SIGKILL. */
  kills?: number;
  /** The disk that it fills up, see lab/disks.ts. */
  disk?: DiskName;
};

/** Folders that can be put on a disk that faults fill: the data of Redis, that of PostgreSQL, and the spools of the ingests. */
export const DISKS = ["redis", "postgres", "ingest"] as const;
export type DiskName = (typeof DISKS)[number];

const INGESTS = ["ingest-0", "ingest-1"] as const;
const WORKERS = ["worker-0", "worker-1"] as const;

/** Connections that faults can disturb, each by a proxy. */
export const PROXIES = ["ingest-redis", "worker-redis", "worker-postgres"] as const;
export type ProxyName = (typeof PROXIES)[number];

/**
 * Every kind of fault. A fault that ends a process lasts until the process is started again. Redis and PostgreSQL share a track,
 * so that they are not both away for long.
 */
export const FAULTS = {
  "kill-ingest": { track: "services", targets: INGESTS, lasts: [0, 1_500], kills: 1 },
  "kill-worker": { track: "services", targets: WORKERS, lasts: [0, 1_500], kills: 1 },
  /** While its INSERT waits for a lock, so that it has active jobs. */
  "kill-recording-worker": { track: "services", targets: WORKERS, lasts: [0, 1_500], kills: 1 },
  /** All workers at once, and again when one of them has taken the same job. */
  "kill-same-job": { track: "services", targets: ["workers"], lasts: [0, 500], kills: 4 },
  "stop-ingest": { track: "services", targets: INGESTS, lasts: [500, 4_000] },
  /** Up to longer than a job's lock: then another worker has taken its jobs when it continues. */
  "stop-worker": { track: "services", targets: WORKERS, lasts: [1_000, 7_500] },
  /** An hour ahead, an hour behind, and ahead by more than the retention. */
  "clock-step": { track: "services", targets: WORKERS, lasts: [1_000, 5_000] },
  "rolling-restart": { track: "services", targets: ["services"], lasts: [0, 0] },
  "kill-redis": { track: "stores", targets: ["redis"], lasts: [0, 3_000], kills: 1 },
  "stop-redis": { track: "stores", targets: ["redis"], lasts: [500, 4_000] },
  /** `line`: over ingest's limit, under Redis' limit; `full`: Redis refuses commands that need memory. */
  "fill-redis": { track: "stores", targets: ["line", "full"], lasts: [1_000, 4_000] },
  "redis-read-only": { track: "stores", targets: ["redis"], lasts: [1_000, 4_000] },
  /** `scripts`: ingest and workers may run no scripts; `lists`: their scripts fail where they use a list. */
  "redis-missing-right": { track: "stores", targets: ["scripts", "lists"], lasts: [1_000, 4_000] },
  /**
   * Redis cannot write its append-only file, so it refuses writes. `freed`: there is room again while it runs; `killed`: it ends
   * before that.
   */
  "redis-disk-full": { track: "stores", targets: ["freed", "killed"], lasts: [1_000, 4_000], disk: "redis" },
  /** Redis is stopped until the spools have filled their disk, and they must be drained while it is full. */
  "spool-disk-full": { track: "stores", targets: ["ingest"], lasts: [2_000, 4_000], disk: "ingest" },
  "kill-postgres": { track: "stores", targets: ["postgres"], lasts: [0, 3_000], kills: 1 },
  "stop-postgres": { track: "stores", targets: ["postgres"], lasts: [500, 4_000] },
  "postgres-immediate-stop": { track: "stores", targets: ["postgres"], lasts: [0, 3_000] },
  "terminate-backends": { track: "stores", targets: ["postgres"], lasts: [200, 1_000] },
  "postgres-read-only": { track: "stores", targets: ["postgres"], lasts: [1_000, 4_000] },
  /** Tables cannot grow; then PostgreSQL ends because it cannot make the next file of its write-ahead log. */
  "postgres-disk-full": {
    track: "stores",
    targets: ["postgres"],
    lasts: [1_500, 4_000],
    disk: "postgres",
  },
  /** In turn: the worker may not lock the website's models; the schema cannot be used, so that no table is found. */
  "postgres-missing-right": { track: "stores", targets: ["postgres"], lasts: [1_000, 4_000] },
  "exhaust-connections": { track: "stores", targets: ["postgres"], lasts: [1_000, 4_000] },
  "slow-link": { track: "proxies", targets: PROXIES, lasts: [1_000, 4_000] },
  "black-hole-link": { track: "proxies", targets: PROXIES, lasts: [1_000, 4_000] },
  /** Each statement and each answer takes seconds. */
  "slow-database": { track: "proxies", targets: ["worker-postgres"], lasts: [3_000, 5_000] },
  "reset-link": { track: "proxies", targets: PROXIES, lasts: [0, 1_500] },
  "half-open-link": { track: "proxies", targets: PROXIES, lasts: [1_000, 4_000] },
  "delete-model": { track: "data", targets: ["model"], lasts: [500, 4_000] },
  "erase-viewer": { track: "data", targets: ["viewer"], lasts: [0, 0] },
  /** A batch with one view that PostgreSQL refuses. */
  "bad-view": { track: "data", targets: ["nul", "year-zero"], lasts: [0, 0] },
  /** A job whose data is not JSON: it must be kept, and must not delay others. */
  "garbage-job": { track: "data", targets: ["no-json"], lasts: [0, 0] },
  /** Jobs of a later version: they must wait, and must not delay others. */
  "later-version-jobs": { track: "data", targets: ["jobs"], lasts: [0, 0] },
  /** Tens of thousands of requests on a few connections, whose answers are not read. */
  "pipelined-requests": { track: "clients", targets: INGESTS, lasts: [0, 0] },
  /** Hundreds of connections with a request that is never complete. */
  "stalled-clients": { track: "clients", targets: INGESTS, lasts: [2_000, 4_000] },
  /** Readers of the stats API that request much and read nothing. */
  "stalled-readers": { track: "clients", targets: ["stats-api-0"], lasts: [2_000, 4_000] },
  /** Readers of the stats API that leave before they have their answer, at any moment. */
  "leaving-readers": { track: "clients", targets: ["stats-api-0"], lasts: [0, 500] },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
export const TRACKS: readonly Track[] = ["services", "stores", "proxies", "data", "clients"];

/** The properties of a kind of fault. */
export function kindOf(fault: FaultName): FaultKind {
  return FAULTS[fault];
}
