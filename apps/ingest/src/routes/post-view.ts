import type { IncomingMessage, ServerResponse } from "node:http";
import {
  invalidRequest,
  type Problem,
  problem,
  sendProblem,
} from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { hasUnknownField, postedViewSchema } from "@model-views/shared/contracts/views.ts";
import { readJson, refuseBody } from "@model-views/shared/http/read-json.ts";
import type { RequestGuard } from "../guards/request-guard.ts";
import type { MakeView } from "../view/make-view.ts";

/** Bytes of the body of one view. */
const BODY_BYTES_MAX = 32 * 1024;

const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };

const RETRY_AFTER_SECONDS = 5;

export type AcceptViewDeps = {
  guard: RequestGuard;
  makeView: MakeView;
  /** Resolves once all of the views are durable; rejects when none of them is. */
  accept: (views: ViewEvent[]) => Promise<void>;
  /** Called with the number of views that could not be accepted, and why. */
  onRefused: (error: unknown, views: number) => void;
  /** Called with the number of views that are left out because of their address. */
  onIgnored: (views: number) => void;
  /** Called for each posted view with a field that the API does not have, and that is dropped. */
  onUnknownField: () => void;
};

/** Answer to a view that is left out: it was understood, and nothing is stored. */
const IGNORED = '{"ignored":true}';

/**
 * `POST /v1/views`: one view. `202` means that it is durable, so the answer waits for that and for nothing else. The
 * answer says whether the view was marked as a bot's. A view that is left out because of its address is a `200`.
 *
 * A plain handler of `node:http` in front of Express, because Express costs four times as much as the rest.
 */
export function postView(
  deps: AcceptViewDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { guard, makeView, accept, onRefused, onIgnored, onUnknownField } = deps;

  return async (request, response) => {
    const sender = guard(request, response);
    if (sender === undefined) return;
    const body = await readJson(request, BODY_BYTES_MAX);
    if (!body.ok) return refuseBody(request, response, body.problem);
    const parsed = postedViewSchema.safeParse(body.value);
    if (!parsed.success) return sendProblem(response, invalidRequest(parsed.error));
    if (hasUnknownField(body.value)) onUnknownField();
    const made = makeView(parsed.data, request, sender);
    if ("problem" in made) return sendProblem(response, made.problem);
    if ("ignored" in made) {
      onIgnored(1);
      return send(response, 200, IGNORED);
    }
    try {
      await accept([made.view]);
    } catch (error) {
      onRefused(error, 1);
      return sendProblem(response, unavailable([made.view]));
    }
    if (made.setCookie !== undefined) response.setHeader("Set-Cookie", made.setCookie);
    const bot = made.view.isBot === true && !made.isSuspect ? ',"bot":true' : "";
    send(response, 202, `{"id":"${made.view.id}"${bot}}`);
  };
}

/** Sends JSON that consists of ASCII characters alone. */
function send(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { ...JSON_HEADERS, "Content-Length": json.length }).end(json);
}

/**
 * `503` for views that neither the queue nor the spool took. A queue that did not answer may still have a view, so the
 * sender has to repeat it as the same view: a single view's id and time are in the detail.
 */
export function unavailable([view, ...others]: readonly ViewEvent[]): Problem {
  const again =
    view !== undefined && others.length === 0
      ? `send it again with id ${view.id} and viewedAt ${view.viewedAt}, so that it counts once`
      : "send them again, each with its id and viewedAt, so that each counts once";
  return problem("unavailable", 503, `Not accepted; ${again}`, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
