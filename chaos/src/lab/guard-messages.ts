import { z } from "zod";

/** What the guard is told: the folder to remove, each process that must not outlive the command, and each folder to unmount. */
export const guardMessageSchema = z.union([
  z.object({ folder: z.string() }),
  z.object({ mounted: z.string() }),
  z.object({ pid: z.int(), mark: z.string().nullable() }),
]);
export type GuardMessage = z.infer<typeof guardMessageSchema>;
