import type { IncomingMessage } from "node:http";
import type { Asker } from "@model-views/shared/keys.ts";
import { type Problem, problem } from "@model-views/shared/problems.ts";

/** Who asks, for a key check. */
export function askerOf(request: IncomingMessage): Asker {
  return { authorization: request.headers.authorization, remoteAddress: request.socket.remoteAddress };
}

/** `401` of what only a server with a key may do. */
export function keyNeeded(detail: string): Problem {
  return problem("key-needed", 401, `${detail}; send it as Authorization: Bearer <key>`);
}
