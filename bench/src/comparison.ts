import type { CpuTime } from "./cpu-time.ts";
import type { Figures } from "./figures.ts";

/** What one turn came to: its speed, and the CPU it took per view. */
export type Turn = { viewsPerSecond: number; cpu: CpuTime };

/** One way to do the work; it stays up for all rounds, so that none of them is its first. */
export type Side = {
  name: string;
  /** Does the work once, checks what came of it, cleans up, and answers with what it measured. */
  turn(): Promise<Turn>;
};

/** How much faster than another side ours must be. */
export type Target = { against: string; ratioMin: number };

/** What a comparison found. */
export type Comparison = {
  title: string;
  /** Views per second, and median microseconds of CPU per view; the first side is ours. */
  sides: readonly { name: string; rate: Figures; cpu: CpuTime }[];
  /** Ours to another side's, round by round. */
  ratios: readonly { target: Target; figures: Figures; perRound: readonly number[] }[];
  /** The largest resident memory seen of our process, in bytes; undefined where `ps` does not tell. */
  peakMemory: { name: string; bytes: number | undefined; bytesMax: number };
  /** What a reader of the figures should know besides. */
  notes: readonly string[];
};
