import { type Problem, problem } from "@model-views/shared/contracts/problems.ts";

/** `401` of what only a server with a key may do. */
export function keyNeeded(detail: string): Problem {
  return problem("key-needed", 401, `${detail}; send it as Authorization: Bearer <key>`);
}
