import type { IncomingMessage, ServerResponse } from "node:http";
import { invalidRequest, sendProblem } from "@model-views/shared/problems.ts";
import { readJson, refuseBody } from "@model-views/shared/read-json.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { postedViewSchema } from "@model-views/shared/views.ts";
import type { Gate } from "./gate/gate.ts";
import type { TakeView } from "./take-view.ts";
import { unavailable } from "./unavailable.ts";

/** Bytes of the body of one view. */
const BODY_BYTES_MAX = 32 * 1024;

const ACCEPTED_HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };

export type AcceptViewDeps = {
  gate: Gate;
  takeView: TakeView;
  /** Resolves once the views are durable, all of them; rejects when none of them is. */
  accept: (views: ViewEvent[]) => Promise<void>;
  /** Told of how many views could not be accepted, and why. */
  onRefused: (error: unknown, views: number) => void;
};

/**
 * `POST /v1/views`: one view. `202` means that it is durable, so the answer waits for that; nothing else does.
 *
 * A plain handler of `node:http`, in front of Express, because Express costs four times what the rest of it does.
 */
export function postView(
  deps: AcceptViewDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { gate, takeView, accept, onRefused } = deps;

  return async (request, response) => {
    if (!(await gate(request, response))) return;
    const body = await readJson(request, BODY_BYTES_MAX);
    if (!body.ok) return refuseBody(request, response, body.problem);
    const parsed = postedViewSchema.safeParse(body.value);
    if (!parsed.success) return sendProblem(response, invalidRequest(parsed.error));
    const taken = takeView(parsed.data, request);
    if ("problem" in taken) return sendProblem(response, taken.problem);
    try {
      await accept([taken.view]);
    } catch (error) {
      onRefused(error, 1);
      return sendProblem(response, unavailable([taken.view]));
    }
    if (taken.setCookie !== undefined) response.setHeader("Set-Cookie", taken.setCookie);
    const answer = `{"id":"${taken.view.id}"}`;
    response.writeHead(202, { ...ACCEPTED_HEADERS, "Content-Length": answer.length }).end(answer);
  };
}
