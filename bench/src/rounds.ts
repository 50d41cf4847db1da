import type { Comparison, Side, Target, Turn } from "./comparison.ts";
import type { CpuTime } from "./resources.ts";
import { spreadOf } from "./statistics.ts";

export type RoundsOptions = {
  rounds: number;
  targets: readonly Target[];
  /** Prints progress, for people. */
  log: (line: string) => void;
};

/**
 * Lets the sides work in turn, A B C A B C …, so that a slow moment of the machine concerns all of them, and compares the first
 * side with the others round by round. A first round warms everything up and does not count.
 */
export async function runRounds(
  sides: readonly Side[],
  { rounds, targets, log }: RoundsOptions,
): Promise<Pick<Comparison, "sides" | "ratios">> {
  const turns = sides.map((): Turn[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    const label = round === 0 ? "warm-up" : `round ${round} of ${rounds}`;
    for (const [index, side] of sides.entries()) {
      const turn = await side.turn();
      log(`${label}: ${side.name} ${Math.round(turn.viewsPerSecond).toLocaleString("en")} views/s`);
      if (round > 0) turns[index]?.push(turn);
    }
  }
  const rates = turns.map((ofSide) => ofSide.map(({ viewsPerSecond }) => viewsPerSecond));
  const ours = rates[0] ?? [];
  return {
    sides: sides.map(({ name }, index) => ({
      name,
      rate: spreadOf(rates[index] ?? []),
      cpu: medianCpu(turns[index] ?? []),
    })),
    ratios: targets.map((target) => {
      const theirs = rates[sides.findIndex(({ name }) => name === target.against)] ?? [];
      const perRound = ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN));
      return { target, spread: spreadOf(perRound), perRound };
    }),
  };
}

function medianCpu(turns: readonly Turn[]): CpuTime {
  const programs = turns.flatMap(({ cpu }) => (cpu.program === undefined ? [] : [cpu.program]));
  return {
    program: programs.length === 0 ? undefined : spreadOf(programs).median,
    redis: spreadOf(turns.map(({ cpu }) => cpu.redis)).median,
  };
}
