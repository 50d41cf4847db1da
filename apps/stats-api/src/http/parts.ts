import { type Problem, problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import PQueue from "p-queue";
import { asUnavailable } from "./problems.ts";

/** Parts of one answer that are asked at the same time: each may use a connection. */
const PARTS_AT_ONCE = 2;

/** A part of an answer: its data, or why there are none. */
export type Part<Data> = { data: Data } | { error: Problem };

/** How to ask for each part. */
type Asks<Parts> = { [name in keyof Parts]: () => Promise<Parts[name]> };

/**
 * Asks for the parts of one answer, some at a time. A part that cannot be answered now has its problem, and costs the others
 * nothing. Settles when no part is being asked any more.
 *
 * @param onFailed called for each part that cannot be answered now.
 * @throws {ProblemError} a `503` when that is every part.
 * @throws what is wrong with the question itself, or with this service.
 */
export async function askParts<Parts extends Record<string, unknown>>(
  asks: Asks<Parts>,
  onFailed: (error: unknown) => void,
): Promise<{ [name in keyof Parts]: Part<Parts[name]> }> {
  const queue = new PQueue({ concurrency: PARTS_AT_ONCE });
  const fatal: unknown[] = [];
  const askOne = async (ask: () => Promise<unknown>): Promise<Part<unknown> | undefined> => {
    if (fatal.length > 0) return undefined;
    try {
      return { data: await ask() };
    } catch (error) {
      const found = error instanceof ProblemError ? error.problem : asUnavailable(error);
      if (found === undefined || found.status < 500) return void fatal.push(error);
      onFailed(error);
      const { retryAfterSeconds: _, ...body } = found;
      return { error: body };
    }
  };
  const parts = await Promise.all(
    Object.entries<() => Promise<unknown>>(asks).map(
      async ([name, ask]) => [name, await queue.add(() => askOne(ask))] as const,
    ),
  );
  if (fatal.length > 0) throw fatal[0];
  if (!parts.some(([, part]) => part !== undefined && "data" in part)) {
    const again = { retryAfterSeconds: 5 };
    throw new ProblemError(problem("unavailable", 503, "No part can be answered now", again));
  }
  // Each part under the name of its ask.
  return Object.fromEntries(parts) as { [name in keyof Parts]: Part<Parts[name]> };
}
