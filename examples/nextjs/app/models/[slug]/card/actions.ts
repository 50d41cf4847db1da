"use server";

import type { ActionState } from "model-views-client";
import { modelViews } from "@/lib/model-views";
import { modelById } from "@/lib/models";

/**
 * Counts a view of a set card. The answer does not wait for ingest: the view is posted after it (`after()`), so that
 * the visitor's next action is not held up, whatever ingest does.
 */
export async function viewCard(
  modelId: string,
  { referrer }: { referrer: string },
): Promise<ActionState<{ success: boolean }>> {
  // Anyone can call an action, with anything.
  const model = modelById(modelId);
  if (model === null) return { success: false, error: "there is no such model" };
  return modelViews.trackView(model.id, { path: `/models/${model.slug}/card`, referrer });
}
