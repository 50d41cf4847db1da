import { asModelViewsError, isOfFramework, type ModelViewsError } from "./model-views-error.ts";

/** What a server function answers: it never throws into the page that is being rendered. */
export type ActionState<T> = { success: true; data: T } | { success: false; error: string };

/**
 * Makes an answer of what may fail. Rejects only with what a framework threw to steer the rendering.
 *
 * @param onFailure called with the error too, where the answer alone might stay unread.
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
