import { type Problem, problem } from "@model-views/shared/problems.ts";

const RETRY_AFTER_SECONDS = 5;

/** `503` of a view that nothing could take: it is not stored, and may be sent again. */
export function unavailable(): Problem {
  return problem(
    "unavailable",
    503,
    "The view was not accepted; send it again, with the same id and viewedAt",
    {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    },
  );
}
