import {
  type ConcurrencyLimit,
  type ConcurrencyLimitEvents,
  createConcurrencyLimit,
} from "./concurrency-limit.ts";

/** What a question reads: the rollups, which hold its answer, or the views, which may take seconds. */
export type Reads = "rollups" | "views";

/** The limits by name, as metrics show them. */
export type LimitName = "connections" | "views";

/** Questions that run at the same time, of one process. */
export type RunningMax = Readonly<Record<LimitName, number>>;

/**
 * Questions that wait, each in some 2 KB of memory. Of those that read the views: twice what twenty dashboards ask that open
 * at once, with nine questions each.
 */
const WAITING_MAX = { views: 500, connections: 2_000 };

/**
 * Milliseconds that a question waits. To read the views: as long as two statements may take. For a connection: questions
 * of the rollups release it within milliseconds.
 */
const WAIT_MS_MAX = { views: 20_000, connections: 10_000 };

/**
 * Runs a question when it is its turn. Each gets a connection of the pool at once, so none fails because the pool is busy.
 * Those that read the views wait for each other first, so that they leave connections for the others.
 */
export type Limits = <Answer>(
  reads: Reads,
  unwanted: AbortSignal,
  ask: () => Promise<Answer>,
) => Promise<Answer>;

/**
 * @param runningMax `connections`: those of the pool. A question uses one at a time, and none while it waits, so that no
 * two questions wait for each other.
 */
export function createLimits(
  runningMax: RunningMax,
  eventsOf: (name: LimitName) => ConcurrencyLimitEvents,
): Limits {
  const limit = (name: LimitName): ConcurrencyLimit =>
    createConcurrencyLimit(
      { runningMax: runningMax[name], waitingMax: WAITING_MAX[name], waitMsMax: WAIT_MS_MAX[name] },
      eventsOf(name),
    );
  const [views, connections] = [limit("views"), limit("connections")];
  return (reads, unwanted, ask) => {
    const withConnection = () => connections(ask, unwanted);
    return reads === "views" ? views(withConnection, unwanted) : withConnection();
  };
}
