import type { IncomingMessage } from "node:http";
import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import type { RateLimit } from "@model-views/shared/http/rate-limit.ts";
import type { RequestHandler } from "express";
import type { CredentialsOf } from "./credentials.ts";

/** A load balancer asks these for all of its clients, so one client must not use up its requests. They are cheap. */
const UNLIMITED = new Set(["/livez", "/readyz"]);

export type LimitKeylessDeps = {
  credentialsOf: CredentialsOf;
  /** Whether the request has one of our keys, with any rights. */
  hasAnyKey: HasApiKey;
  clientAddress: (request: IncomingMessage) => string | undefined;
  rateLimit: RateLimit;
  /** Called for each request with a key that is none of ours. */
  onWrongKey: () => void;
};

/**
 * Limits the requests without a valid key of each address in a minute, whether they need a key or not. Requests with a key
 * always pass. Beyond the limit the connection is closed, which makes further requests expensive for the client.
 */
export function limitKeyless(deps: LimitKeylessDeps): RequestHandler {
  const { credentialsOf, hasAnyKey, clientAddress, rateLimit, onWrongKey } = deps;
  return (request, response, next) => {
    const credentials = credentialsOf(request);
    if (UNLIMITED.has(request.path) || hasAnyKey(credentials)) return next();
    if (credentials.authorization !== undefined) onWrongKey();
    const waitSeconds = rateLimit.count(clientAddress(request));
    if (waitSeconds === undefined) return next();
    const { perMinute } = rateLimit;
    request.resume();
    response.set({
      "RateLimit-Policy": `"keyless";q=${perMinute};w=60`,
      RateLimit: `"keyless";r=0;t=${waitSeconds}`,
      Connection: "close",
    });
    const detail = `At most ${perMinute} requests a minute without a valid key`;
    sendProblem(response, problem("too-many-requests", 429, detail, { retryAfterSeconds: waitSeconds }));
  };
}
