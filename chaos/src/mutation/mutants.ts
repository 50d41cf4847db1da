import type { Mutant } from "../lab/mutant.ts";
import { FINALIZING_MUTANTS } from "./finalizing-mutants.ts";
import { INGEST_MUTANTS } from "./ingest-mutants.ts";
import { STATS_MUTANTS } from "./stats-mutants.ts";
import { WORKER_MUTANTS } from "./worker-mutants.ts";

export const MUTANTS: readonly Mutant[] = [
  ...INGEST_MUTANTS,
  ...WORKER_MUTANTS,
  ...FINALIZING_MUTANTS,
  ...STATS_MUTANTS,
];

/** The mutant of that name. */
export function findMutant(name: string): Mutant | undefined {
  return MUTANTS.find((mutant) => mutant.name === name);
}
