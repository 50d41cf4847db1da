import type { IncomingMessage } from "node:http";
import { isPageToken } from "@model-views/shared/contracts/page-token.ts";
import { type Problem, problem } from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { type PostedView, SERVER_ONLY_FIELDS } from "@model-views/shared/contracts/views.ts";
import type { InNetworks } from "@model-views/shared/http/networks.ts";
import type { OwnHosts } from "../enrichment/own-hosts.ts";
import { keyNeeded } from "../guards/key-needed.ts";
import type { Sender } from "../guards/sender.ts";
import type { IsSuspect, JudgedView } from "../suspects/suspects.ts";
import type { Viewers } from "../viewer/viewers.ts";
import type { EnrichView } from "./enrich-view.ts";

export type MakeViewDeps = {
  enrichView: EnrichView;
  viewers: Viewers;
  ownHosts: OwnHosts;
  /** Whether the views of an address are left out. */
  isIgnored: InNetworks;
  /** Secrets of page tokens; none: no token is asked for. */
  pageTokenSecrets: readonly string[];
  /** Whether a browser's view is one of too many. */
  isSuspect: IsSuspect;
  now: () => Date;
};

/**
 * A view to accept, with the cookie that its answer sets; one that is left out; or why it is not taken. That a view is suspect
 * is not for its sender to know.
 */
export type MadeView =
  | { view: ViewEvent; isSuspect: boolean; setCookie?: string }
  | { ignored: true }
  | { problem: Problem };

/** Makes a view of what was posted and of who posted it. */
export type MakeView = (posted: PostedView, request: IncomingMessage, sender: Sender) => MadeView;

export function createMakeView(deps: MakeViewDeps): MakeView {
  const { enrichView, viewers, ownHosts, isIgnored, pageTokenSecrets, isSuspect: judge, now } = deps;

  return (posted, request, sender) => {
    const isServer = isOfServer(posted, request, sender);
    const refused = isServer ? undefined : refuse(posted);
    if (refused !== undefined) return { problem: refused };
    // A server's own address and program say nothing about the viewer.
    const seen = isServer
      ? { address: posted.ipAddress, userAgent: posted.userAgent }
      : { address: sender.address, userAgent: request.headers["user-agent"] ?? "" };
    if (seen.address !== undefined && isIgnored(seen.address)) return { ignored: true };
    const at = now();
    const { viewerIdentifier, setCookie } = isServer
      ? { viewerIdentifier: viewers.ofServer(posted) }
      : viewers.ofBrowser({ headers: request.headers, address: sender.address, now: at });
    const view = enrichView(posted, {
      viewerIdentifier,
      ...seen,
      isOwnHost: ownHosts(posted, request.headers),
      now: at,
      timeSource: isServer ? "server" : "browser",
    });
    const isSuspect = !isServer && view.isBot !== true && judge(judged(view, posted, sender));
    // Kept like a bot's view, and left out like one unless it is asked for.
    if (isSuspect) view.isBot = true;
    return setCookie === undefined ? { view, isSuspect } : { view, isSuspect, setCookie };
  };

  function judged(
    { viewerIdentifier, modelId }: ViewEvent,
    { token }: PostedView,
    { address }: Sender,
  ): JudgedView {
    return { address, viewerIdentifier, modelId, token: pageTokenSecrets.length === 0 ? undefined : token };
  }

  function refuse(posted: PostedView): Problem | undefined {
    const forServersOnly = serverOnlyFieldsOf(posted);
    if (forServersOnly.length > 0) {
      return keyNeeded(`Only a server with a key may give ${forServersOnly.join(", ")}`);
    }
    if (pageTokenSecrets.length === 0) return undefined;
    const { token = "", modelId } = posted;
    if (isPageToken(token, { modelId, secrets: pageTokenSecrets, now: now() })) return undefined;
    return problem("token-needed", 401, "The view needs a token of its model's page that has not expired");
  }
}

/**
 * Whether a server reports the view, rather than a browser. Where no keys are set, in development, everything on this
 * machine has one: there a server is who says that it is, by a key or by what only servers may say.
 */
function isOfServer(posted: PostedView, { headers }: IncomingMessage, sender: Sender): boolean {
  if (!sender.hasKey || sender.isBrowser) return false;
  return headers.authorization !== undefined || serverOnlyFieldsOf(posted).length > 0;
}

function serverOnlyFieldsOf(posted: PostedView): string[] {
  return SERVER_ONLY_FIELDS.filter((field) => posted[field] !== undefined);
}
