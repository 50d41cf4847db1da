import { z } from "zod";

/** What the load generator is told to do: so many requests, all of them, over so many connections at once. */
export const loadOrderSchema = z.object({ url: z.url(), connections: z.int(), requests: z.int() });
export type LoadOrder = z.infer<typeof loadOrderSchema>;

/** What it saw. */
export const loadResultSchema = z.object({
  /** Answers by status code. */
  answers: z.record(z.string(), z.int()),
  /** Connections that broke, and requests that were not answered in time. */
  errors: z.int(),
  /** From the first request to the last answer. */
  milliseconds: z.number(),
  /** The part of one core that the generator itself was busy: near 1, it is the limit, and not the server. */
  busy: z.number(),
});
export type LoadResult = z.infer<typeof loadResultSchema>;
