import type { IncomingMessage } from "node:http";
import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import type { RateLimit } from "@model-views/shared/http/rate-limit.ts";
import type { RequestHandler } from "express";
import type { CredentialsOf } from "./credentials.ts";

/** A load balancer asks these, for all of its clients: none of them may keep it from that. They cost next to nothing. */
const UNLIMITED = new Set(["/livez", "/readyz"]);

export type LimitKeylessDeps = {
  credentialsOf: CredentialsOf;
  /** Whether the credentials hold one of our keys, with any rights. */
  hasAnyKey: HasApiKey;
  clientAddress: (request: IncomingMessage) => string | undefined;
  rateLimit: RateLimit;
  /** Called for each request with a key that is none of ours. */
  onWrongKey: () => void;
};

/**
 * Who has a key is let through, always; everyone else may ask so often a minute, for what needs no key, or for a `401`.
 * The connection of a client that asks on is closed, so that it costs more than it is worth.
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
    const detail = `At most ${perMinute} requests a minute without a key that is right`;
    sendProblem(response, problem("too-many-requests", 429, detail, { retryAfterSeconds: waitSeconds }));
  };
}
