import { ModelViewsError } from "./model-views-error.ts";

/** What a server function answers: it never throws into the page that is being rendered. */
export type ActionState<T> = { success: true; data: T } | { success: false; error: string };

/** Turns what may throw a {@link ModelViewsError} into what answers. Never rejects. */
export async function settle<T>(work: Promise<T>): Promise<ActionState<T>> {
  try {
    return { success: true, data: await work };
  } catch (error) {
    return { success: false, error: messageOf(error) };
  }
}

/** Errors that are not ours may hold a key, so only their kind is named. */
function messageOf(error: unknown): string {
  if (error instanceof ModelViewsError) return error.message;
  return `the call failed: ${error instanceof Error ? error.name : "unknown error"}`;
}
