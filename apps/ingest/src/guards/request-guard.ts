import type { IncomingMessage, ServerResponse } from "node:http";
import { type Problem, problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { RateLimit } from "@model-views/shared/http/rate-limit.ts";
import type { RequestHandler } from "express";
import type { CheckOrigin } from "./check-origin.ts";
import { createSenderOf, type Sender, type SenderDeps } from "./sender.ts";

/** Seconds that a browser may remember what a preflight answered; Chrome takes no more. */
const PREFLIGHT_SECONDS = 7_200;

export type RequestGuardDeps = SenderDeps & { checkOrigin: CheckOrigin; rateLimit: RateLimit };

/** Lets a request in and says who sent it, or answers it: then the sender is undefined. */
export type RequestGuard = (request: IncomingMessage, response: ServerResponse) => Sender | undefined;

/**
 * What every request about a view passes first: its page must be allowed, and its address within the limit, unless a
 * server's key comes with it; a browser's request that a website passes on is limited by the browser's address. Names
 * the page's origin in the answer, so that its script may read also a refusal.
 */
export function createRequestGuard({ checkOrigin, rateLimit, ...deps }: RequestGuardDeps): RequestGuard {
  const senderOf = createSenderOf(deps);
  return (request, response) => {
    const page = checkOrigin(request);
    if (!page.allowed) return refuse(request, response, originProblem(page.origin));
    if (page.origin !== undefined) nameOrigin(response, page.origin);
    const sender = senderOf(request);
    if (sender.hasKey && !sender.isPassedOn) return sender;
    const waitSeconds = rateLimit.count(sender.address);
    if (waitSeconds === undefined) return sender;
    const { perMinute } = rateLimit;
    response.setHeader("RateLimit-Policy", `"views";q=${perMinute};w=60`);
    response.setHeader("RateLimit", `"views";r=0;t=${waitSeconds}`);
    return refuse(
      request,
      response,
      problem("too-many-requests", 429, `At most ${perMinute} requests a minute`, {
        retryAfterSeconds: waitSeconds,
      }),
    );
  };
}

/** Answers a browser's question whether a page may post here (https://fetch.spec.whatwg.org/#cors-preflight-fetch). */
export function preflight(checkOrigin: CheckOrigin): RequestHandler {
  return (request, response) => {
    const page = checkOrigin(request);
    if (!page.allowed) return sendProblem(response, originProblem(page.origin));
    if (page.origin !== undefined) nameOrigin(response, page.origin);
    response
      .status(204)
      .set({
        "Access-Control-Allow-Methods": "POST",
        "Access-Control-Allow-Headers": "Content-Type",
        "Access-Control-Max-Age": String(PREFLIGHT_SECONDS),
      })
      .end();
  };
}

/** The exact origin, never `*`, because the viewer's cookie comes along. */
function nameOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Access-Control-Allow-Credentials", "true");
  response.setHeader("Vary", "Origin");
}

function refuse(request: IncomingMessage, response: ServerResponse, refused: Problem): undefined {
  request.resume();
  sendProblem(response, refused);
}

function originProblem(origin: string): Problem {
  return problem(
    "forbidden-origin",
    403,
    `Views from ${origin} are not taken here; ALLOWED_ORIGINS says from where they are`,
  );
}
