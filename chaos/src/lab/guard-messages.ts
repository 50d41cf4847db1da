import { z } from "zod";

/** What the guard is told: the folder to remove, and each process that must not outlive the command. */
export const guardMessageSchema = z.union([
  z.object({ folder: z.string() }),
  z.object({ pid: z.int(), mark: z.string().nullable() }),
]);
export type GuardMessage = z.infer<typeof guardMessageSchema>;
