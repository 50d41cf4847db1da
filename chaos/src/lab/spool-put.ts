import { z } from "zod";

/** How SQLite wrote a row into a spool: https://www.sqlite.org/pragma.html#pragma_synchronous */
const spoolPutSchema = z.object({ synchronous: z.int(), journalMode: z.string() });
export type SpoolPut = z.infer<typeof spoolPutSchema>;

export const spoolPutMessageSchema = z.object({ put: spoolPutSchema });

/** `PRAGMA synchronous` from which on a commit is on the disk when it returns. */
const FULL = 2;

/** Would the row be there after a power cut? */
export function survivesPowerCut({ synchronous, journalMode }: SpoolPut): boolean {
  return synchronous >= FULL && !["off", "memory"].includes(journalMode);
}
