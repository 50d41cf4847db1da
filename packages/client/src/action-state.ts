/** What a server function answers: it never throws into the page that is being rendered. */
export type ActionState<T> = { success: true; data: T } | { success: false; error: string };

export function failure(error: string): { success: false; error: string } {
  return { success: false, error };
}
