import { expect } from "vitest";

/** What a browser and three processes do together may take a while on a machine that has more to do. */
const TIMEOUT_MS = 10_000;

/** Expects something of what `read` gives, now or soon. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: TIMEOUT_MS });
}
