import type { Defect } from "./mutant.ts";
import { INGEST_DEFECTS } from "./ingest-mutants.ts";
import { STATS_DEFECTS } from "./stats-mutants.ts";
import { WORKER_DEFECTS } from "./worker-mutants.ts";

export const DEFECTS: readonly Defect[] = [...INGEST_DEFECTS, ...WORKER_DEFECTS, ...STATS_DEFECTS];

/** The defect of that name. */
export function findDefect(name: string): Defect | undefined {
  return DEFECTS.find((defect) => defect.name === name);
}
