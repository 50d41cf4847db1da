import { setTimeout as pause } from "node:timers/promises";
import type { Alone } from "../lab/alone.ts";
import type { Lab } from "../lab/lab.ts";
import type { Deletion, Erasure, SentView } from "../load/ledger.ts";
import type { ViewMaker } from "../load/make-views.ts";
import type { PlannedFault } from "../plan/plan.ts";
import type { Totals } from "./totals.ts";

/** What every fault gets. */
export type FaultKit = {
  lab: Lab;
  maker: ViewMaker;
  ledger: Map<string, SentView>;
  deletions: Deletion[];
  erasures: Erasure[];
  totals: Totals;
  /** Puts a batch on the queue, as ingest does; a job that is there already stays as it is. */
  enqueue: (jobId: string, data: object) => Promise<void>;
  /**
   * A lock between the jobs that the harness puts on the queue, and the faults in which Redis loses what it has acknowledged:
   * ingest queues its jobs again, and the harness does not.
   */
  aloneOnQueue: Alone;
  /** Stops workers from taking jobs from the queue, or lets them go on. */
  pauseQueue: (isPaused: boolean) => Promise<void>;
};

/** Causes a fault, and undoes it after its time; resolves then. */
export type RunFault = (kit: FaultKit, planned: PlannedFault) => Promise<void>;

const AGAIN_MS = 100;
const DONE_MS_MAX = 60_000;

/** Tries again until it works, for as long as a store can be away; rejects with the last error after a minute. */
export async function untilDone<Result>(
  work: () => Promise<Result>,
  msMax: number = DONE_MS_MAX,
): Promise<Result> {
  const deadline = performance.now() + msMax;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(AGAIN_MS);
    }
  }
}
