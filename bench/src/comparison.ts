import type { CpuTime } from "./resources.ts";
import type { Spread } from "./statistics.ts";

/** The result of one turn: its speed, and the CPU time per view. */
export type Turn = { viewsPerSecond: number; cpu: CpuTime };

/** One way to do the work. It stays up for all rounds, so that each is as warm as the others. */
export type Side = {
  name: string;
  /** Does the work once, checks the result, cleans up, and returns what it measured. */
  turn(): Promise<Turn>;
};

/** How many times as fast as another side ours must be. */
export type Target = { against: string; ratioMin: number };

/** The results of a comparison. */
export type Comparison = {
  title: string;
  /** Views per second, and median microseconds of CPU per view; the first side is ours. */
  sides: readonly { name: string; rate: Spread; cpu: CpuTime }[];
  /** Ours to another side's, round by round. */
  ratios: readonly { target: Target; spread: Spread; perRound: readonly number[] }[];
  /** The largest resident memory of our process, in bytes; undefined where there is no `ps`. */
  peakMemory: { name: string; bytes: number | undefined; bytesMax: number };
  /** What a reader of the results should know as well. */
  notes: readonly string[];
};

/** The queue of the sides that add a job per view; its prefix is BullMQ's default. */
export const PER_VIEW_QUEUE = "views-one-by-one";
