/** Jobs that are taken ahead of those that run: BullMQ takes them one after the other, and runs none meanwhile. */
const TAKEN_AHEAD = 64;

export type InHandLimits = {
  /** Views of all jobs that a worker holds. */
  viewsMax: number;
  jobsMax: number;
};

/** What a worker holds, and how many jobs it may hold at the moment. */
export type InHand = {
  taken(views: number): void;
  started(): void;
  ended(views: number): void;
  /** Whether it may hold the views of one more job. */
  hasRoom(): boolean;
  /** Jobs that run. */
  running(): number;
};

/**
 * Limits what a worker holds by views, so that INSERTs fill whatever a job's size: a few views each when there is little to
 * do, 500 when there is much.
 *
 * @param onLimit told how many jobs may be held, whenever that changes.
 */
export function createInHand({ viewsMax, jobsMax }: InHandLimits, onLimit: (jobs: number) => void): InHand {
  let views = 0;
  let running = 0;
  let limit = Math.min(jobsMax, TAKEN_AHEAD);
  onLimit(limit);

  function hasRoom(): boolean {
    return views < viewsMax;
  }

  function adjust(): void {
    const next = !hasRoom() ? 1 : Math.min(jobsMax, running + TAKEN_AHEAD);
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
    hasRoom,
    running: () => running,
  };
}
