"use server";

import { updateTag } from "next/cache";
import { modelViews } from "@/lib/model-views";
import { STATS_TAG } from "@/lib/stats";

/** Refreshes every count if the stats API answers; otherwise the last counts stay. */
export async function refreshStats(): Promise<void> {
  const answer = await modelViews.getTopViewedModels(1, null, { timeoutMs: 500 });
  if (answer.success) updateTag(STATS_TAG);
}
