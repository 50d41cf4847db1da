import { type Problem, problem } from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

const RETRY_AFTER_SECONDS = 5;

/**
 * `503` of views that nothing could take. A queue that did not answer may have one all the same, so it has to be sent
 * again as the same view: with the id and the time that are named here, where there is just one.
 */
export function unavailable([view, ...others]: readonly ViewEvent[]): Problem {
  const again =
    view !== undefined && others.length === 0
      ? `send it again with id ${view.id} and viewedAt ${view.viewedAt}, so that it counts once`
      : "send them again, each with its id and viewedAt, so that each counts once";
  return problem("unavailable", 503, `Not accepted; ${again}`, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
