import { keepPreviousData, MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { AskError } from "./ask.ts";
import { sessionQuestion } from "./session.ts";

/** Milliseconds for which an answer is not asked for again: going back and forth between pages shows it at once. */
const FRESH_MS = 5_000;
const RETRIES_MAX = 2;
/** The longest that a `Retry-After` is believed, in milliseconds. */
const WAIT_MS_MAX = 30_000;

export function createQueryClient(): QueryClient {
  // A key that is not accepted any more: the session is asked for, and the sign-in comes if it agrees.
  const onError = (error: Error) => {
    if (error instanceof AskError && error.status === 401) void client.invalidateQueries(sessionQuestion);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        // While another period is asked for, the figures of the one before stay where they are, marked as stale.
        placeholderData: keepPreviousData,
        retry: (failures, error) => failures < RETRIES_MAX && isPassing(error),
        retryDelay: (failures, error) =>
          error instanceof AskError && error.retryAfterSeconds !== undefined
            ? Math.min(error.retryAfterSeconds * 1_000, WAIT_MS_MAX)
            : 1_000 * 2 ** failures,
        // A wrong question stays wrong, and a reader without a key stays without.
        throwOnError: false,
      },
    },
  });
  return client;
}

/** Whether asking again may help. */
function isPassing(error: Error): boolean {
  return error instanceof AskError && (error.status === 0 || error.status === 503);
}
