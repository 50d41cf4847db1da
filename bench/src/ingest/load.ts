import { fileURLToPath } from "node:url";
import type { Lab } from "../lab.ts";
import { withinTime } from "../within-time.ts";
import { loadResultSchema } from "./load-messages.ts";

/** A busy website's connections; each sends its next request when the last one is answered. */
export const CONNECTIONS = 64;

/** Views per second that were answered, and the part of one core that the generator was busy. */
export type Load = { perSecond: number; busy: number };

/** Posts so many views to `url`; rejects unless every one is answered with 202, within `secondsMax`. */
export type PostViews = (url: string, options: { requests: number; secondsMax: number }) => Promise<Load>;

/** Starts the load generator, a process of its own. */
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
