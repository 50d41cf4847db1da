import { cacheLife, cacheTag } from "next/cache";
import { connection } from "next/server";
import { modelViews } from "@/lib/model-views";
import type { Category } from "@/lib/models";

/** One tag for all counts: the button on the front page refreshes them all. */
export const STATS_TAG = "stats";

/** More than a list shows: the stats API may have models that this site does not. */
const TOP_MODELS = 20;

/** The longest that a page waits for counts that are not cached. Then it is shown without them. */
const IN_TIME = { timeoutMs: 500 };

/** An answer of the stats API, with its time. */
export type Stats<T> = { data: T; asOf: Date };

/** Views and viewers of one model. */
export async function statsOf(modelId: string) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return answer(modelViews.orThrow.getModelViewStats(modelId, IN_TIME));
}

/** Views and viewers of several models, in one request. */
export async function statsOfAll(modelIds: string[]) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return answer(modelViews.orThrow.getStats(modelIds, IN_TIME));
}

/** The most viewed models of a category. */
export async function mostViewed(category: Category["name"]) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return answer(modelViews.orThrow.getTopViewedModels(TOP_MODELS, category, IN_TIME));
}

/** The most viewed models of late: a view counts less the older it is. */
export async function trending() {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return answer(modelViews.orThrow.getTopViewedModels(TOP_MODELS, null, { sort: "trending", ...IN_TIME }));
}

/**
 * An error of `orThrow` is not cached, unlike a `{ success: false }`: the last good answer stays (see cache-handler.mjs).
 * That happens in the background, where Next.js logs nothing, so the error is logged here.
 */
async function answer<T>(call: Promise<T>): Promise<Stats<T>> {
  try {
    return { data: await call, asOf: new Date() };
  } catch (error) {
    warn(error);
    throw error;
  }
}

const WARNING_MS = 60_000;
let warnedAt = 0;

function warn(error: unknown): void {
  if (Date.now() - warnedAt < WARNING_MS) return;
  warnedAt = Date.now();
  console.warn("There are no new counts:", error instanceof Error ? error.message : error);
}

/**
 * Stats for a page that is being shown; null while the stats API has never answered. Waits for a request first: the site
 * may be built where there is no stats API, and a page must not keep the result of the build.
 */
export async function atRequest<T>(load: () => Promise<Stats<T>>): Promise<Stats<T> | null> {
  await connection();
  try {
    return await load();
  } catch {
    return null;
  }
}
