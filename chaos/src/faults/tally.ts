import type { PlannedFault } from "../plan/plan.ts";

/** How long it took until every job that a killed worker had in hand was done. */
export type Redo = { ms: number; jobs: number; isAlone: boolean };

/** What the faults came to. */
export type Tally = {
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
  /** Clients that sent many requests at once and were served all the same. */
  notCutOff: string[];
  /** Faults that could not be brought about or undone, with the reason. */
  failed: string[];
  underWay: Set<PlannedFault>;
};

export function createTally(): Tally {
  return {
    ran: new Map(),
    kills: new Map(),
    workerKills: { inHand: 0, idle: 0 },
    redos: [],
    watching: new Set(),
    isOver: false,
    garbage: 0,
    notCutOff: [],
    failed: [],
    underWay: new Set(),
  };
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
