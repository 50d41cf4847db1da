import type { IncomingMessage, ServerResponse } from "node:http";
import { invalidRequest, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { postedViewSchema } from "@model-views/shared/contracts/views.ts";
import { readJson, refuseBody } from "@model-views/shared/http/read-json.ts";
import type { RequestGuard } from "../guards/request-guard.ts";
import type { MakeView } from "../view/make-view.ts";
import { unavailable } from "./unavailable.ts";

/** Bytes of the body of one view. */
const BODY_BYTES_MAX = 32 * 1024;

const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store" };

export type AcceptViewDeps = {
  guard: RequestGuard;
  makeView: MakeView;
  /** Resolves once the views are durable, all of them; rejects when none of them is. */
  accept: (views: ViewEvent[]) => Promise<void>;
  /** Told of how many views could not be accepted, and why. */
  onRefused: (error: unknown, views: number) => void;
  /** Told of how many views are left out because of their address. */
  onIgnored: (views: number) => void;
};

/** Answer of a view that is left out: it was understood, and nothing is stored. */
const IGNORED = '{"ignored":true}';

/**
 * `POST /v1/views`: one view. `202` means that it is durable, so the answer waits for that; nothing else does. It says
 * whether the view was marked as a bot's. A view that is left out because of its address is a `200`.
 *
 * A plain handler of `node:http`, in front of Express, because Express costs four times what the rest of it does.
 */
export function postView(
  deps: AcceptViewDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { guard, makeView, accept, onRefused, onIgnored } = deps;

  return async (request, response) => {
    const sender = guard(request, response);
    if (sender === undefined) return;
    const body = await readJson(request, BODY_BYTES_MAX);
    if (!body.ok) return refuseBody(request, response, body.problem);
    const parsed = postedViewSchema.safeParse(body.value);
    if (!parsed.success) return sendProblem(response, invalidRequest(parsed.error));
    const taken = makeView(parsed.data, request, sender);
    if ("problem" in taken) return sendProblem(response, taken.problem);
    if ("ignored" in taken) {
      onIgnored(1);
      return send(response, 200, IGNORED);
    }
    try {
      await accept([taken.view]);
    } catch (error) {
      onRefused(error, 1);
      return sendProblem(response, unavailable([taken.view]));
    }
    if (taken.setCookie !== undefined) response.setHeader("Set-Cookie", taken.setCookie);
    const bot = taken.view.isBot === true && !taken.isSuspect ? ',"bot":true' : "";
    send(response, 202, `{"id":"${taken.view.id}"${bot}}`);
  };
}

/** Answers with JSON that is ASCII alone. */
function send(response: ServerResponse, status: number, json: string): void {
  response.writeHead(status, { ...JSON_HEADERS, "Content-Length": json.length }).end(json);
}
