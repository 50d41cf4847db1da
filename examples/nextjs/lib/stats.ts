import { cacheLife, cacheTag } from "next/cache";
import { connection } from "next/server";
import { modelViews } from "@/lib/model-views";
import type { Category } from "@/lib/models";

/** One tag for everything that is counted: the button on the front page has all of it asked anew. */
export const STATS_TAG = "stats";

/** More than a list shows: the stats API may know models that this site does not. */
const TOP_MODELS = 20;

/** What the stats API answered, and when. */
export type Stats<T> = { data: T; askedAt: Date };

// The functions of `orThrow` throw where the others answer `{ success: false }`. What throws is not cached, so the last
// good answer stays: see cache-handler.mjs.

/** Views and viewers of one model. */
export async function statsOf(modelId: string) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return { data: await modelViews.orThrow.getModelViewStats(modelId), askedAt: new Date() };
}

/** Views and viewers of several models, in one question. */
export async function statsOfAll(modelIds: string[]) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return { data: await modelViews.orThrow.getStats(modelIds), askedAt: new Date() };
}

/** The most viewed models of a category. */
export async function mostViewed(category: Category["name"]) {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  return { data: await modelViews.orThrow.getTopViewedModels(TOP_MODELS, category), askedAt: new Date() };
}

/** The most viewed models of late: a view counts less the older it is. */
export async function trending() {
  "use cache";
  cacheLife("stats");
  cacheTag(STATS_TAG);
  const data = await modelViews.orThrow.getTopViewedModels(TOP_MODELS, null, { sort: "trending" });
  return { data, askedAt: new Date() };
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
