import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";

/** Said where the service does not know the Redis of the queue. */
export const NO_REDIS = "The stats API does not know the queue: set REDIS_URL";

/**
 * Asks the Redis of the queue, or what uses it.
 *
 * @throws {ProblemError} a `503` when Redis does not answer, or this service does not know it.
 */
export async function ofRedis<Store, Data>(
  store: Store | undefined,
  look: (store: Store) => Promise<Data>,
): Promise<Data> {
  if (store === undefined) {
    throw new ProblemError(problem("unavailable", 503, NO_REDIS));
  }
  try {
    return await look(store);
  } catch (error) {
    // The reason may name hosts: it is for the log.
    throw new ProblemError(
      problem("unavailable", 503, "Redis cannot be asked; the log of the stats API says why"),
      { cause: error },
    );
  }
}
