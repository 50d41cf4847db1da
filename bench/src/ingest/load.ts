import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Lab } from "../lab.ts";

/** An order to the load generator: the number of requests, and of connections that send them. */
export const loadOrderSchema = z.object({ url: z.url(), connections: z.int(), requests: z.int() });
export type LoadOrder = z.infer<typeof loadOrderSchema>;

/** Its result. */
export const loadResultSchema = z.object({
  /** Answers by status code. */
  answers: z.record(z.string(), z.int()),
  /** Connections that broke, and requests that were not answered in time. */
  errors: z.int(),
  /** From the first request to the last answer. */
  milliseconds: z.number(),
  /** The share of one core that the generator used: near 1, it is the limit, and not the server. */
  busy: z.number(),
});
export type LoadResult = z.infer<typeof loadResultSchema>;

/** Connections of a busy website; each sends its next request when the last one is answered. */
export const CONNECTIONS = 64;

/** Answered views per second, and the share of one core that the generator used. */
export type Load = { perSecond: number; busy: number };

/** Posts `requests` views to `url`; rejects unless each is answered with 202, all within `secondsMax`. */
export type PostViews = (url: string, options: { requests: number; secondsMax: number }) => Promise<Load>;

/** Starts the load generator as a process. */
export async function startLoad(lab: Lab): Promise<PostViews> {
  const generator = await lab.start({
    name: "load generator",
    main: fileURLToPath(new URL("load-main.ts", import.meta.url)),
    env: {},
  });
  return async (url, { requests, secondsMax }) => {
    const asked = generator.ask({ url, connections: CONNECTIONS, requests });
    const answer = await withinTime(asked, { secondsMax, what: `${requests} posts to ${url}` });
    const { answers, errors, milliseconds, busy } = loadResultSchema.parse(answer);
    if (errors > 0 || answers["202"] !== requests) {
      const statuses = JSON.stringify(answers);
      throw new Error(`${url}: of ${requests} posts ${errors} failed; answers by status: ${statuses}`);
    }
    return { perSecond: (requests / milliseconds) * 1_000, busy };
  };
}

/** Settles as `work` does, or rejects when that takes too long: the bench must end even if a side hangs. */
async function withinTime<Result>(
  work: Promise<Result>,
  { secondsMax, what }: { secondsMax: number; what: string },
): Promise<Result> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what} took longer than ${secondsMax} s`)),
    secondsMax * 1_000,
  );
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
