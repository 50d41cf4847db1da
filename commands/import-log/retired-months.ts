import { z } from "zod";
import type { Ask } from "./ask.ts";

/** A month's breakdown, as far as it tells that retention has removed views of it. */
const answerSchema = z.object({ isIncomplete: z.boolean() });

/** Months that are remembered: a log has few. */
const MONTHS_MAX = 1_000;

/** Whether retention has removed views of the month (in UTC) of an instant: then no view of it is taken any more. */
export type IsRetired = (viewedAt: string) => Promise<boolean>;

/** Ingest refuses what is said to be of before. */
const FIRST_MONTH = "1990-01";

/** Asks the stats API once for each month, but for those of which ingest takes no view anyway. */
export function createIsRetired(askStats: Ask, now: () => Date): IsRetired {
  const known = new Map<string, boolean>();
  return async (viewedAt) => {
    const month = viewedAt.slice(0, 7);
    if (month < FIRST_MONTH || month > now().toISOString().slice(0, 7)) return false;
    const remembered = known.get(month);
    if (remembered !== undefined) return remembered;
    const [from, to] = [new Date(`${month}-01T00:00:00Z`), new Date(`${month}-01T00:00:00Z`)];
    to.setUTCMonth(to.getUTCMonth() + 1);
    const query = new URLSearchParams({
      by: "device",
      from: from.toISOString(),
      to: to.toISOString(),
      limit: "1",
    });
    const { value } = await askStats({ method: "GET", path: `v1/breakdown?${query}` }, answerSchema);
    if (known.size >= MONTHS_MAX) known.clear();
    known.set(month, value.isIncomplete);
    return value.isIncomplete;
  };
}
