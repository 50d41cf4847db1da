/** What faults are alike in: those of one track come one after the other, those of different tracks overlap. */
export type Track = "services" | "stores" | "links" | "data" | "clients";

/** Milliseconds that a fault lasts: at least, at most. */
export type Span = readonly [minMs: number, maxMs: number];

type FaultKind = {
  track: Track;
  /** What it can hit; the plan takes each in turn. */
  targets: readonly string[];
  lasts: Span;
  /** How many processes end by SIGKILL. */
  kills?: number;
  /** The disk that it fills up, see lab/disks.ts. */
  disk?: DiskName;
};

/** What can be given a disk of its own: the data of Redis and of PostgreSQL, and the folder of the ingests with their spools. */
export const DISKS = ["redis", "postgres", "ingest"] as const;
export type DiskName = (typeof DISKS)[number];

const INGESTS = ["ingest-0", "ingest-1"] as const;
const WORKERS = ["worker-0", "worker-1"] as const;

/** Connections that faults can be put into; each is a proxy of its own. */
export const LINKS = ["ingest-redis", "worker-redis", "worker-postgres"] as const;
export type LinkName = (typeof LINKS)[number];

/**
 * Every kind of fault. One that ends a process lasts until that is started again. Redis and PostgreSQL share a track,
 * so that they are never both away for long.
 */
export const FAULTS = {
  "kill-ingest": { track: "services", targets: INGESTS, lasts: [0, 1_500], kills: 1 },
  "kill-worker": { track: "services", targets: WORKERS, lasts: [0, 1_500], kills: 1 },
  /** While its INSERT waits for a lock, so that it surely has jobs in hand. */
  "kill-recording-worker": { track: "services", targets: WORKERS, lasts: [0, 1_500], kills: 1 },
  /** All workers at once, and again when one of them has the same job in hand. */
  "kill-same-job": { track: "services", targets: ["workers"], lasts: [0, 500], kills: 4 },
  "stop-ingest": { track: "services", targets: INGESTS, lasts: [500, 4_000] },
  /** Up to longer than a job's lock: then another worker has its jobs when it goes on. */
  "stop-worker": { track: "services", targets: WORKERS, lasts: [1_000, 7_500] },
  /** An hour ahead, an hour behind, and further than anything is kept. */
  "clock-step": { track: "services", targets: WORKERS, lasts: [1_000, 5_000] },
  "rolling-restart": { track: "services", targets: ["services"], lasts: [0, 0] },
  "kill-redis": { track: "stores", targets: ["redis"], lasts: [0, 3_000], kills: 1 },
  "stop-redis": { track: "stores", targets: ["redis"], lasts: [500, 4_000] },
  /** `line`: over ingest's line, under Redis' limit; `full`: Redis refuses what needs memory. */
  "fill-redis": { track: "stores", targets: ["line", "full"], lasts: [1_000, 4_000] },
  "redis-read-only": { track: "stores", targets: ["redis"], lasts: [1_000, 4_000] },
  /** `scripts`: Redis runs none for ingest and workers; `lists`: those that run stop where they touch a list. */
  "redis-missing-right": { track: "stores", targets: ["scripts", "lists"], lasts: [1_000, 4_000] },
  /**
   * Redis cannot write its append-only file, so it refuses what would be written there. `freed`: there is room again;
   * `killed`: it ends before that.
   */
  "redis-disk-full": { track: "stores", targets: ["freed", "killed"], lasts: [1_000, 4_000], disk: "redis" },
  /** Redis stands still until the spools have filled their disk, and has to be given what is there while it is full. */
  "spool-disk-full": { track: "stores", targets: ["ingest"], lasts: [2_000, 4_000], disk: "ingest" },
  "kill-postgres": { track: "stores", targets: ["postgres"], lasts: [0, 3_000], kills: 1 },
  "stop-postgres": { track: "stores", targets: ["postgres"], lasts: [500, 4_000] },
  "postgres-immediate-stop": { track: "stores", targets: ["postgres"], lasts: [0, 3_000] },
  "terminate-backends": { track: "stores", targets: ["postgres"], lasts: [200, 1_000] },
  "postgres-read-only": { track: "stores", targets: ["postgres"], lasts: [1_000, 4_000] },
  /** Tables cannot grow, and then PostgreSQL ends, where it cannot make the next file of its write-ahead log. */
  "postgres-disk-full": {
    track: "stores",
    targets: ["postgres"],
    lasts: [1_500, 4_000],
    disk: "postgres",
  },
  /** The worker may not lock the website's models, or the schema cannot be used, so that no table is found: in turn. */
  "postgres-missing-right": { track: "stores", targets: ["postgres"], lasts: [1_000, 4_000] },
  "exhaust-connections": { track: "stores", targets: ["postgres"], lasts: [1_000, 4_000] },
  "slow-link": { track: "links", targets: LINKS, lasts: [1_000, 4_000] },
  "black-hole-link": { track: "links", targets: LINKS, lasts: [1_000, 4_000] },
  /** Each statement and each answer takes seconds. */
  "slow-database": { track: "links", targets: ["worker-postgres"], lasts: [3_000, 5_000] },
  "reset-link": { track: "links", targets: LINKS, lasts: [0, 1_500] },
  "half-open-link": { track: "links", targets: LINKS, lasts: [1_000, 4_000] },
  "delete-model": { track: "data", targets: ["model"], lasts: [500, 4_000] },
  /** A batch with one view in it that PostgreSQL refuses. */
  "bad-view": { track: "data", targets: ["nul", "year-zero"], lasts: [0, 0] },
  /** A job whose data is no JSON: it is to be kept, and to hold up no other. */
  "garbage-job": { track: "data", targets: ["no-json"], lasts: [0, 0] },
  /** Jobs of a version that today's workers do not know: they wait, and hold up no other. */
  "later-version-jobs": { track: "data", targets: ["jobs"], lasts: [0, 0] },
  /** Tens of thousands of requests on a few connections, whose answers are not read. */
  "pipelined-requests": { track: "clients", targets: INGESTS, lasts: [0, 0] },
  /** Hundreds of connections with a request that is never whole. */
  "stalled-clients": { track: "clients", targets: INGESTS, lasts: [2_000, 4_000] },
  /** Readers of the stats API who ask for much and read nothing. */
  "stalled-readers": { track: "clients", targets: ["stats-api-0"], lasts: [2_000, 4_000] },
  /** Readers of the stats API who leave before they have their answer, at any moment. */
  "leaving-readers": { track: "clients", targets: ["stats-api-0"], lasts: [0, 500] },
} as const satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];
export const TRACKS: readonly Track[] = ["services", "stores", "links", "data", "clients"];

/** What is known of a kind of fault. */
export function kindOf(fault: FaultName): FaultKind {
  return FAULTS[fault];
}
