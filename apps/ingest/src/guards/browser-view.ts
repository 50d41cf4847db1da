import type { IncomingMessage } from "node:http";
import { isPageToken } from "@model-views/shared/contracts/page-token.ts";
import { type Problem, problem } from "@model-views/shared/contracts/problems.ts";
import { type PostedView, SERVER_ONLY_FIELDS } from "@model-views/shared/contracts/views.ts";
import type { Sender } from "./sender.ts";

/**
 * Whether a server reports the view, rather than a browser. In development without keys every program on this machine
 * counts as having one. There a request is a server's if it has a key or a field that only servers may set.
 */
export function isServersView(posted: PostedView, { headers }: IncomingMessage, sender: Sender): boolean {
  if (!sender.hasKey || sender.isBrowser) return false;
  return headers.authorization !== undefined || serverOnlyFieldsOf(posted).length > 0;
}

/**
 * Why a browser's view is refused; undefined when it is not. It must have no field that only servers may set, and needs
 * a page token if `secrets` are configured.
 */
export function refuseBrowserView(
  posted: PostedView,
  { secrets, now }: { secrets: readonly string[]; now: Date },
): Problem | undefined {
  const forServersOnly = serverOnlyFieldsOf(posted);
  if (forServersOnly.length > 0) {
    return keyNeeded(`Only a server with a key may give ${forServersOnly.join(", ")}`);
  }
  if (secrets.length === 0) return undefined;
  const { token = "", modelId } = posted;
  if (isPageToken(token, { modelId, secrets, now })) return undefined;
  return problem("token-needed", 401, "The view needs a token of its model's page that has not expired");
}

/** `401` for what only a server with a key may do. */
export function keyNeeded(detail: string): Problem {
  return problem("key-needed", 401, `${detail}; send it as Authorization: Bearer <key>`);
}

function serverOnlyFieldsOf(posted: PostedView): string[] {
  return SERVER_ONLY_FIELDS.filter((field) => posted[field] !== undefined);
}
