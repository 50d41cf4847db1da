import { overviewAnswerSchema } from "@model-views/shared/contracts/overview.ts";
import { percentile } from "../statistics.ts";
import type { DataSet } from "./data-set.ts";
import { readEventLoopP99Ms } from "./event-loop.ts";

/** Readers who ask at once. */
export const READERS = 20;
const ROUNDS_MIN = 5;
/** The event loop's delay is cached for a second: what was read before the crowd must not be read again after it. */
const MS_MIN = 2_000;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const PARTS = Object.keys(overviewAnswerSchema.shape).filter((name) => name !== "asOf");

/** What the overview costs when many readers ask for it at once. */
export type Crowd = {
  medianMs: number;
  longestMs: number;
  parts: number;
  /** Parts that were not answered: too many questions waited. */
  refusedParts: number;
  /** 99th percentile of the delay of the stats API's event loop meanwhile, in milliseconds. */
  eventLoopP99Ms: number;
};

export type CrowdedApi = { set: Pick<DataSet, "end">; origin: string; adminPort: number };

/** Has readers ask for the overview at once, round by round: of 30 days and the 30 before, no two of the same. */
export async function askAsCrowd(api: CrowdedApi): Promise<Crowd> {
  const times: number[] = [];
  let refusedParts = 0;
  await readEventLoopP99Ms(api.adminPort);
  const began = performance.now();
  for (let round = 0; round < ROUNDS_MIN || performance.now() - began < MS_MIN; round += 1) {
    const readers = Array.from({ length: READERS }, (_, reader) => round * READERS + reader);
    await Promise.all(
      readers.map(async (nth) => {
        const started = performance.now();
        refusedParts += await askOverview(api, nth);
        times.push(performance.now() - started);
      }),
    );
  }
  return {
    medianMs: percentile(times, 0.5),
    longestMs: Math.max(...times),
    parts: times.length * PARTS.length,
    refusedParts,
    eventLoopP99Ms: await readEventLoopP99Ms(api.adminPort),
  };
}

/** Returns how many parts were refused. Identical questions would share one answer, so each is of another period. */
async function askOverview({ set: { end }, origin }: CrowdedApi, nth: number): Promise<number> {
  const to = new Date(end.getTime() - nth * MINUTE_MS);
  const from = new Date(to.getTime() - 30 * DAY_MS);
  const response = await fetch(
    `${origin}/v1/overview?compare=previous&from=${from.toISOString()}&to=${to.toISOString()}`,
  );
  const answer: unknown = await response.json();
  if (response.status === 503) return PARTS.length;
  if (!response.ok) throw new Error(`the overview was answered with ${response.status}`);
  const parts = overviewAnswerSchema.parse(answer);
  return Object.values(parts).filter((part) => typeof part === "object" && "error" in part).length;
}
