import type { Defect } from "./defect.ts";
import { INGEST_DEFECTS } from "./ingest-defects.ts";
import { STATS_DEFECTS } from "./stats-defects.ts";
import { WORKER_DEFECTS } from "./worker-defects.ts";

export const DEFECTS: readonly Defect[] = [...INGEST_DEFECTS, ...WORKER_DEFECTS, ...STATS_DEFECTS];

/** The defect of that name. */
export function findDefect(name: string): Defect | undefined {
  return DEFECTS.find((defect) => defect.name === name);
}
