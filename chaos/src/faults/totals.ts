import type { PlannedFault } from "../plan/plan.ts";

/** How long it took until every job that a killed worker had in hand was done. */
export type Redo = { ms: number; jobs: number; isAlone: boolean };

/** What the faults came to. */
export type Totals = {
  /** How often each kind was brought about. */
  ran: Map<string, number>;
  /** SIGKILLs by what was killed. */
  kills: Map<string, number>;
  /** Workers that had jobs in hand when they were killed, and those that had none. */
  workerKills: { inHand: number; idle: number };
  redos: Redo[];
  /** Looks after killed workers' jobs that are under way still. */
  watching: Set<Promise<void>>;
  /** Nobody waits for those jobs any more. */
  isOver: boolean;
  /** Jobs that were put on the queue so that no worker can read them. */
  garbage: number;
  /**
   * Jobs of a later version that were put on the queue, by id; true: surely. Where Redis did not answer it may have them all the
   * same.
   */
  later: Map<string, boolean>;
  /** Spools that were not drained while their disk was full, and nothing else was wrong. */
  notDrained: string[];
  /** Questions that the stats API did not answer while readers stalled, and nothing else was wrong. */
  readersHeldUp: string[];
  /** Clients that sent many requests at once and were served all the same. */
  notCutOff: string[];
  /** Faults that could not be brought about or undone, with the reason. */
  failed: string[];
  /** Faults that cannot be brought about on this machine, with the reason. */
  leftOut: Set<string>;
  underWay: Set<PlannedFault>;
};

export function createTally(): Totals {
  return {
    ran: new Map(),
    kills: new Map(),
    workerKills: { inHand: 0, idle: 0 },
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

/** Is nothing wrong but this one fault? */
export function isAlone({ underWay }: Totals, planned: PlannedFault): boolean {
  return underWay.size === 1 && underWay.has(planned);
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
