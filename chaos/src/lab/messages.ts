import { z } from "zod";

/** To the guard: the folder to remove, a process that must not outlive the harness, or a folder to unmount. */
export const guardMessageSchema = z.union([
  z.object({ folder: z.string() }),
  z.object({ mounted: z.string() }),
  z.object({ pid: z.int(), mark: z.string().nullable() }),
]);
export type GuardMessage = z.infer<typeof guardMessageSchema>;

/** To a service: sets its clock, in milliseconds ahead of the right time. */
export const clockMessageSchema = z.object({ clockAheadMs: z.int() });
export type ClockMessage = z.infer<typeof clockMessageSchema>;

/** How SQLite wrote a row into a spool: https://www.sqlite.org/pragma.html#pragma_synchronous */
const spoolPutSchema = z.object({ synchronous: z.int(), journalMode: z.string() });
export type SpoolPut = z.infer<typeof spoolPutSchema>;

/** From an ingest, for each row that it puts into its spool. */
export const spoolPutMessageSchema = z.object({ put: spoolPutSchema });

const finalizingSchema = z.union([
  z.object({ finalized: z.object({ days: z.int(), hours: z.int() }) }),
  z.object({ failed: z.string() }),
]);
/** From a worker, about what it finalizes beside its own work. */
export const finalizingMessageSchema = z.object({ finalizing: finalizingSchema });
export type FinalizingMessage = z.infer<typeof finalizingMessageSchema>;

/** From a service that has loaded a source with a mutant in it. */
export const mutatedMessageSchema = z.object({ mutated: z.string() });
