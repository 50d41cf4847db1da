import type { Alone } from "../lab/alone.ts";
import type { Lab } from "../lab/lab.ts";
import type { Deletion, SentView } from "../load/ledger.ts";
import type { ViewMaker } from "../load/make-views.ts";
import type { PlannedFault } from "../plan/plan.ts";
import type { Totals } from "./totals.ts";

/** What faults work with. */
export type FaultKit = {
  lab: Lab;
  maker: ViewMaker;
  ledger: Map<string, SentView>;
  deletions: Deletion[];
  totals: Totals;
  /** Puts a batch on the queue, as ingest does; a job of an id that is there already is left as it is. */
  enqueue: (jobId: string, data: object) => Promise<void>;
  /**
   * For what the harness itself puts on the queue, and for faults in which Redis forgets what it has acknowledged: ingest queues
   * that again, and the harness does not.
   */
  aloneOnQueue: Alone;
  /** Lets no worker take a job from the queue, or lets them again. */
  pauseQueue: (isPaused: boolean) => Promise<void>;
};

/** Brings a fault about, and undoes it after its time; resolves then. */
export type RunFault = (kit: FaultKit, planned: PlannedFault) => Promise<void>;
