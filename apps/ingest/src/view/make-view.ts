import type { IncomingMessage } from "node:http";
import type { Problem } from "@model-views/shared/contracts/problems.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { PostedView } from "@model-views/shared/contracts/views.ts";
import type { InNetworks } from "@model-views/shared/http/networks.ts";
import type { OwnHosts } from "../enrichment/referrer.ts";
import { isServersView, refuseBrowserView } from "../guards/browser-view.ts";
import type { Sender } from "../guards/sender.ts";
import type { IsSuspect } from "../suspects/suspects.ts";
import type { Viewers } from "../viewer/viewers.ts";
import type { EnrichView } from "./enrich-view.ts";

export type MakeViewDeps = {
  enrichView: EnrichView;
  viewers: Viewers;
  ownHosts: OwnHosts;
  /** Whether the views of an address are left out. */
  isIgnored: InNetworks;
  /** Secrets of page tokens. Without any, views need no token. */
  pageTokenSecrets: readonly string[];
  /** Whether a browser's view exceeds what is plausible. */
  isSuspect: IsSuspect;
  now: () => Date;
};

/**
 * A view to accept, with the cookie that its answer sets; a view that is left out; or why it is refused. The sender must
 * not learn that a view is suspect.
 */
export type MadeView =
  | { view: ViewEvent; isSuspect: boolean; setCookie?: string }
  | { ignored: true }
  | { problem: Problem };

/** Makes a view from what was posted and who posted it. */
export type MakeView = (posted: PostedView, request: IncomingMessage, sender: Sender) => MadeView;

export function createMakeView(deps: MakeViewDeps): MakeView {
  const { enrichView, viewers, ownHosts, isIgnored, pageTokenSecrets: secrets, isSuspect, now } = deps;

  return (posted, request, sender) => {
    const isServer = isServersView(posted, request, sender);
    const at = now();
    const refused = isServer ? undefined : refuseBrowserView(posted, { secrets, now: at });
    if (refused !== undefined) return { problem: refused };
    // A server's own address and user agent say nothing about the viewer.
    const seen = isServer
      ? { address: posted.ipAddress, userAgent: posted.userAgent }
      : { address: sender.address, userAgent: request.headers["user-agent"] ?? "" };
    if (seen.address !== undefined && isIgnored(seen.address)) return { ignored: true };
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
    const suspect = !isServer && view.isBot !== true && isSuspectView(view, posted, sender);
    // Stored like a bot's view, and left out of statistics unless bots are asked for.
    if (suspect) view.isBot = true;
    return setCookie === undefined ? { view, isSuspect: suspect } : { view, isSuspect: suspect, setCookie };
  };

  function isSuspectView(
    { viewerIdentifier, modelId }: ViewEvent,
    { token }: PostedView,
    { address }: Sender,
  ): boolean {
    return isSuspect({ address, viewerIdentifier, modelId, token: secrets.length === 0 ? undefined : token });
  }
}
