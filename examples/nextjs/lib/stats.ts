import { cacheLife, cacheTag } from "next/cache";
import { connection } from "next/server";
import { modelViews } from "@/lib/model-views";
import type { Category } from "@/lib/models";

/** One tag for everything that is counted: the button on the front page has all of it asked anew. */
export const STATS_TAG = "stats";

/** More than a list shows: the stats API may know models that this site does not. */
const TOP_MODELS = 20;

/** The longest that a page waits for counts which are not cached: then it goes without. */
const IN_TIME = { timeoutMs: 500 };

/** What the stats API answered, and when. */
export type Stats<T> = { data: T; askedAt: Date };

/** Views and viewers of one model. */
export async function statsOf(modelId: string) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return answer(modelViews.orThrow.getModelViewStats(modelId, IN_TIME));
}

/** Views and viewers of several models, in one question. */
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
 * What `orThrow` throws is not cached, unlike a `{ success: false }`: the last good answer stays (see cache-handler.mjs).
 * That happens in the background, of which Next.js says nothing, so it is said here.
 */
async function answer<T>(question: Promise<T>): Promise<Stats<T>> {
  try {
    return { data: await question, askedAt: new Date() };
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
 * Stats for a page that is being shown; null while the stats API has never answered. Waits for a visitor first: where
 * the site is built there may be no stats API, and no page is to show for ever what the build found.
 */
export async function atRequest<T>(ask: () => Promise<Stats<T>>): Promise<Stats<T> | null> {
  await connection();
  try {
    return await ask();
  } catch {
    return null;
  }
}
