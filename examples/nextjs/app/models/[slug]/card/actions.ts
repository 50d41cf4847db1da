"use server";

import type { ActionState } from "model-views-client";
import { modelViews } from "@/lib/model-views";
import { modelById } from "@/lib/models";

/**
 * Counts a view of a set card. The view is posted after the answer (`after()`), so neither the answer nor the visitor's
 * next action waits for ingest.
 */
export async function viewCard(
  modelId: string,
  { referrer }: { referrer: string },
): Promise<ActionState<{ success: boolean }>> {
  // Anyone can call an action, with any arguments.
  const model = modelById(modelId);
  if (model === null) return { success: false, error: "there is no such model" };
  return modelViews.trackView(model.id, { path: `/models/${model.slug}/card`, referrer });
}
