import type { PlannedFault } from "../plan/plan.ts";

/** How long it took until every job of a killed worker was done. */
export type Redo = { ms: number; jobs: number; isAlone: boolean };

/** What the faults did, and what was observed meanwhile. */
export type Totals = {
  /** How often each kind of fault ran. */
  ran: Map<string, number>;
  /** SIGKILLs by the kind of process. */
  kills: Map<string, number>;
  /** Workers that had active jobs when they were killed, and those that had none. */
  workerKills: { active: number; idle: number };
  redos: Redo[];
  /** Observations of killed workers' jobs that are not finished yet. */
  watching: Set<Promise<void>>;
  /** The run is over: these observations end. */
  isOver: boolean;
  /** Jobs on the queue that no worker can read. */
  garbage: number;
  /** Jobs of a later version, by id. False: Redis did not acknowledge the job, but may have it. */
  later: Map<string, boolean>;
  /** Spools that were not drained while their disk was full and nothing else was wrong. */
  notDrained: string[];
  /** Questions that the stats API did not answer while readers stalled and nothing else was wrong. */
  readersHeldUp: string[];
  /** Clients that sent many requests at once and were not cut off. */
  notCutOff: string[];
  /** Faults that could not be caused or undone, with the reason. */
  failed: string[];
  /** Faults that are not possible on this machine, with the reason. */
  leftOut: Set<string>;
  underWay: Set<PlannedFault>;
};

export function noTotals(): Totals {
  return {
    ran: new Map(),
    kills: new Map(),
    workerKills: { active: 0, idle: 0 },
    redos: [],
    watching: new Set(),
    isOver: false,
    garbage: 0,
    later: new Map(),
    notDrained: [],
    readersHeldUp: [],
    notCutOff: [],
    failed: [],
    leftOut: new Set(),
    underWay: new Set(),
  };
}

/** Whether this fault is the only one under way. */
export function isAlone({ underWay }: Totals, planned: PlannedFault): boolean {
  return underWay.size === 1 && underWay.has(planned);
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
