import type { HasKey } from "@model-views/shared/keys.ts";
import { problem, sendProblem } from "@model-views/shared/problems.ts";
import type { RequestHandler } from "express";

/** Reading takes a key that may read, changing an admin key. */
export function requireKey({ mayRead, mayChange }: { mayRead: HasKey; mayChange: HasKey }): RequestHandler {
  return (request, response, next) => {
    const asker = {
      authorization: request.headers.authorization,
      remoteAddress: request.socket.remoteAddress,
    };
    const isReading = request.method === "GET" || request.method === "HEAD";
    if (isReading ? mayRead(asker) : mayChange(asker)) return next();
    request.resume();
    const which = isReading ? "a stats key" : "an admin key";
    sendProblem(
      response,
      problem("key-needed", 401, `This needs ${which}; send it as Authorization: Bearer <key>`),
    );
  };
}
