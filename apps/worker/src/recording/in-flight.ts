/** Jobs to take in advance: BullMQ takes jobs one after the other, and starts none meanwhile. */
const TAKEN_AHEAD = 64;

export type InFlightLimits = {
  /** Views of all jobs that a worker has taken. */
  viewsMax: number;
  jobsMax: number;
};

/** What a worker has taken, and how many jobs it may take. */
export type InFlight = {
  taken(views: number): void;
  started(): void;
  ended(views: number): void;
  /** Whether it may take one more job. */
  hasCapacity(): boolean;
  /** Jobs that are running. */
  running(): number;
};

/**
 * Limits the jobs in flight by their views, so that INSERTs are full with jobs of any size: a few views each when there
 * is little to do, 500 when there is much.
 *
 * @param onLimit called with the number of jobs that may be in flight, whenever it changes.
 */
export function createInFlight(
  { viewsMax, jobsMax }: InFlightLimits,
  onLimit: (jobs: number) => void,
): InFlight {
  let views = 0;
  let running = 0;
  let limit = Math.min(jobsMax, TAKEN_AHEAD);
  onLimit(limit);

  function hasCapacity(): boolean {
    return views < viewsMax;
  }

  function adjust(): void {
    const next = !hasCapacity() ? 1 : Math.min(jobsMax, running + TAKEN_AHEAD);
    if (next === limit) return;
    limit = next;
    onLimit(limit);
  }

  return {
    taken(added) {
      views += added;
      adjust();
    },
    started() {
      running += 1;
      adjust();
    },
    ended(gone) {
      views -= gone;
      running -= 1;
      adjust();
    },
    hasCapacity,
    running: () => running,
  };
}
