import { z } from "zod";

/** Sets a service's clock: milliseconds by which it is ahead of the right time. */
export const clockMessageSchema = z.object({ clockAheadMs: z.int() });
export type ClockMessage = z.infer<typeof clockMessageSchema>;
