import { expect } from "vitest";

/** Long enough for a browser and three processes on a busy machine. */
const TIMEOUT_MS = 30_000;

/** Expects something of the result of `read`, now or soon. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: TIMEOUT_MS });
}
