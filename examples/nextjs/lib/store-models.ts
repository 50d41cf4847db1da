import { setTimeout as pause } from "node:timers/promises";
import { modelViews } from "@/lib/model-views";
import { CATEGORIES, MODELS } from "@/lib/models";

const RETRY_MS = 5_000;

/**
 * Stores the models in the stats API, and tries again until that succeeds. Views of a model that is not stored yet wait
 * until it is. At each start the models are stored again, which changes only those that have changed here.
 */
export async function storeModels(): Promise<void> {
  let reported = "";
  for (;;) {
    const error = await storeAll();
    if (error === undefined) return;
    if (error !== reported)
      console.warn(`The models are not stored yet, and storing them is tried again: ${error}`);
    reported = error;
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
