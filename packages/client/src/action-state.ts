import { asModelViewsError, isOfFramework, type ModelViewsError } from "./model-views-error.ts";

/** The result of a server function, which never throws into the page that is being rendered. */
export type ActionState<T> = { success: true; data: T } | { success: false; error: string };

/**
 * Turns the outcome of `work` into an `ActionState`. Rejects only with errors that a framework throws to control rendering.
 *
 * @param onFailure also called with the error, for callers that may not read the result.
 */
export async function settle<T>(
  work: Promise<T>,
  onFailure?: (error: ModelViewsError) => void,
): Promise<ActionState<T>> {
  try {
    return { success: true, data: await work };
  } catch (error) {
    if (isOfFramework(error)) throw error;
    const failure = asModelViewsError(error);
    onFailure?.(failure);
    return { success: false, error: failure.message };
  }
}
