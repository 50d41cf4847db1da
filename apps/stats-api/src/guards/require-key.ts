import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import type { Credentials } from "@model-views/shared/http/credentials.ts";
import type { RequestHandler } from "express";
import type { CredentialsOf } from "./credentials.ts";

const NAMES = { read: "a stats key", admin: "an admin key" } as const;

/** Lets a request with a key of this kind pass; others are answered with `401`. */
export type RequireKey = (access: "read" | "admin") => RequestHandler;

export function createRequireKey({
  credentialsOf,
  mayRead,
  mayChange,
  onUse,
}: {
  credentialsOf: CredentialsOf;
  mayRead: HasApiKey;
  mayChange: HasApiKey;
  /** Called with the credentials of each request that passes. */
  onUse: (credentials: Credentials) => void;
}): RequireKey {
  const hasKey = { read: mayRead, admin: mayChange };
  return (access) => (request, response, next) => {
    const credentials = credentialsOf(request);
    if (hasKey[access](credentials)) {
      onUse(credentials);
      return next();
    }
    request.resume();
    const detail = `This needs ${NAMES[access]}; send it as Authorization: Bearer <key>`;
    sendProblem(response, problem("key-needed", 401, detail));
  };
}

/** For requests that match no route: without a key, the answer is `401`, as it is for a route. */
export function requireKeyByMethod(requireKey: RequireKey): RequestHandler {
  const [read, change] = [requireKey("read"), requireKey("admin")];
  return (request, response, next) => {
    const isReading = request.method === "GET" || request.method === "HEAD";
    return (isReading ? read : change)(request, response, next);
  };
}
