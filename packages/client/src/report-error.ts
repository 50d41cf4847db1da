import { asModelViewsError, type ModelViewsError } from "./model-views-error.ts";

/** The least time between two warnings of one kind, in milliseconds. */
const WARNING_MS = 60_000;

/** When the last warning of a kind was written, and how many were left out since. */
const warned = new Map<string, { at: number; leftOut: number }>();

/** Reports a failure that no caller sees: to `onError`, or else as a warning on the console. */
export function reportError(onError: ((error: ModelViewsError) => void) | undefined, error: unknown): void {
  const failure = asModelViewsError(error);
  if (onError) onError(failure);
  else warn(failure, performance.now());
}

function warn({ code, status, message }: ModelViewsError, now: number): void {
  const kind = `${code} ${status ?? ""}`;
  const last = warned.get(kind);
  if (last !== undefined && now - last.at < WARNING_MS) {
    last.leftOut += 1;
    return;
  }
  warned.set(kind, { at: now, leftOut: 0 });
  const others = last?.leftOut ? ` (and ${last.leftOut} more since the last warning)` : "";
  // biome-ignore lint/suspicious/noConsole: a failure must not stay unseen, and no caller is left to see it
  console.warn(`model-views: ${message}${others}`);
}
