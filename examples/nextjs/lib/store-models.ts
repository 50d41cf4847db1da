import { setTimeout as pause } from "node:timers/promises";
import { modelViews } from "@/lib/model-views";
import { CATEGORIES, MODELS } from "@/lib/models";

const RETRY_MS = 5_000;

/**
 * Tells the stats API which models there are, as often as it takes: a view of a model that it does not know waits until
 * it does. Storing them again at each start changes nothing but what has changed here.
 */
export async function storeModels(): Promise<void> {
  let said = "";
  for (;;) {
    const error = await storeAll();
    if (error === undefined) return;
    if (error !== said) console.warn(`The models are not stored yet, and will be tried again: ${error}`);
    said = error;
    await pause(RETRY_MS, undefined, { ref: false });
  }
}

/** The first error; undefined when every model is stored. */
async function storeAll(): Promise<string | undefined> {
  for (const { id, name, category } of MODELS) {
    const categoryName = CATEGORIES.find(({ slug }) => slug === category)?.name ?? null;
    const answer = await modelViews.putModel({ id, name, category: categoryName });
    if (!answer.success) return answer.error;
  }
  return undefined;
}
