import { problem, sendProblem } from "@model-views/shared/contracts/problems.ts";
import type { HasApiKey } from "@model-views/shared/http/api-keys.ts";
import type { Request, RequestHandler, Response } from "express";
import type { CredentialsOf } from "./credentials.ts";

/** Reading takes a key that may read, changing an admin key. */
export function requireKey({
  credentialsOf,
  mayRead,
  mayChange,
}: {
  credentialsOf: CredentialsOf;
  mayRead: HasApiKey;
  mayChange: HasApiKey;
}): RequestHandler {
  return (request, response, next) => {
    const isReading = request.method === "GET" || request.method === "HEAD";
    if (isReading ? mayRead(credentialsOf(request)) : mayChange(credentialsOf(request))) return next();
    refuse(request, response, isReading ? "a stats key" : "an admin key");
  };
}

/** Whatever the method, it takes an admin key: for what is known of a single viewer. */
export function requireAdminKey({
  credentialsOf,
  mayChange,
}: {
  credentialsOf: CredentialsOf;
  mayChange: HasApiKey;
}): RequestHandler {
  return (request, response, next) => {
    if (mayChange(credentialsOf(request))) return next();
    refuse(request, response, "an admin key");
  };
}

function refuse(request: Request, response: Response, which: string): void {
  request.resume();
  sendProblem(
    response,
    problem("key-needed", 401, `This needs ${which}; send it as Authorization: Bearer <key>`),
  );
}
