import type { IncomingMessage, ServerResponse } from "node:http";
import type { HasKey } from "@model-views/shared/keys.ts";
import { invalidRequest, type Problem, problem, sendProblem } from "@model-views/shared/problems.ts";
import { readJson, refuseBody } from "@model-views/shared/read-json.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { type PostedView, postedViewSchema, SERVER_ONLY_FIELDS } from "@model-views/shared/views.ts";
import { type StampSettings, stampView } from "./stamp-view.ts";
import { unavailable } from "./unavailable.ts";
import { type CookieViewer, cookieViewer, namedViewer, type ViewerSettings } from "./viewer.ts";

/** Bytes of the body of one view. */
const BODY_BYTES_MAX = 32 * 1024;

export type PostViewDeps = {
  /** Resolves once the views are durable, all of them; rejects when none of them is. */
  accept: (views: ViewEvent[]) => Promise<void>;
  hasServerKey: HasKey;
  clientAddress: (request: IncomingMessage) => string | undefined;
  settings: StampSettings & ViewerSettings;
  /** Told of how many views could not be accepted, and why. */
  onRefused: (error: unknown, views: number) => void;
  now: () => Date;
};

/**
 * `POST /v1/views`: one view. `202` means that it is durable, so the answer waits for that; nothing else does.
 *
 * A plain handler of `node:http`, in front of Express, because Express costs four times what the rest of it does.
 */
export function postView(
  deps: PostViewDeps,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const { accept, hasServerKey, clientAddress, settings, onRefused, now } = deps;

  return async (request, response) => {
    const body = await readJson(request, BODY_BYTES_MAX);
    if (!body.ok) return refuseBody(request, response, body.problem);
    const parsed = postedViewSchema.safeParse(body.value);
    if (!parsed.success) return sendProblem(response, invalidRequest(parsed.error));
    const posted = parsed.data;
    const forServersOnly = SERVER_ONLY_FIELDS.filter((field) => posted[field] !== undefined);
    if (forServersOnly.length > 0 && !hasServerKey(askerOf(request))) {
      return sendProblem(
        response,
        keyNeeded(`Only a server with a key may give ${forServersOnly.join(", ")}`),
      );
    }

    const named = namedViewer(posted, settings);
    const viewer: CookieViewer =
      named === undefined ? cookieViewer(request.headers.cookie, settings) : { viewerIdentifier: named };
    const view = stampView(posted, contextOf(posted, viewer.viewerIdentifier, request), settings);
    try {
      await accept([view]);
    } catch (error) {
      onRefused(error, 1);
      return sendProblem(response, unavailable());
    }
    if (viewer.setCookie !== undefined) response.setHeader("Set-Cookie", viewer.setCookie);
    response.statusCode = 202;
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    response.end(`{"id":"${view.id}"}`);
  };

  function contextOf(posted: PostedView, viewerIdentifier: string, request: IncomingMessage) {
    return {
      viewerIdentifier,
      address: posted.ipAddress ?? clientAddress(request),
      userAgent: posted.userAgent ?? request.headers["user-agent"],
      now: now(),
    };
  }
}

/** Who asks, for the key check. */
export function askerOf(request: IncomingMessage) {
  return { authorization: request.headers.authorization, remoteAddress: request.socket.remoteAddress };
}

export function keyNeeded(detail: string): Problem {
  return problem("key-needed", 401, `${detail}; send it as Authorization: Bearer <key>`);
}
