import type { IncomingMessage } from "node:http";
import type { HasKey } from "@model-views/shared/keys.ts";
import { isPageToken } from "@model-views/shared/page-token.ts";
import { type Problem, problem } from "@model-views/shared/problems.ts";
import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { type PostedView, SERVER_ONLY_FIELDS } from "@model-views/shared/views.ts";
import { askerOf, keyNeeded } from "./asker.ts";
import { hostOf } from "./facts/referrer-host.ts";
import type { StampView } from "./stamp-view.ts";
import { namedViewer } from "./viewer/named-viewer.ts";
import type { Viewer, ViewerOf } from "./viewer/viewer-of.ts";

export type TakeViewDeps = {
  hasServerKey: HasKey;
  clientAddress: (request: IncomingMessage) => string | undefined;
  stampView: StampView;
  /** The viewer of a request that names none. */
  viewerOf: ViewerOf;
  /** The permanent salt, for viewers that servers name by their own id. */
  salt: string;
  /** Secrets of page tokens; none: no token is asked for. */
  pageTokenSecrets: readonly string[];
  now: () => Date;
};

/** A view to accept, with the cookie that its answer sets; or why it is not taken. */
export type TakenView = { view: ViewEvent; setCookie?: string } | { problem: Problem };

/** Makes a view of what was posted and of who posted it. */
export type TakeView = (posted: PostedView, request: IncomingMessage) => TakenView;

export function createTakeView(deps: TakeViewDeps): TakeView {
  const { hasServerKey, clientAddress, stampView, viewerOf, salt, pageTokenSecrets, now } = deps;

  return (posted, request) => {
    const isServer = !isOfPage(request) && hasServerKey(askerOf(request));
    const refused = refuse(posted, isServer);
    if (refused !== undefined) return { problem: refused };
    // A server's own address and program say nothing about the viewer.
    const seen = isServer
      ? { address: posted.ipAddress, userAgent: posted.userAgent }
      : { address: clientAddress(request), userAgent: request.headers["user-agent"] ?? "" };
    const headers = isServer ? { ...request.headers, "user-agent": posted.userAgent } : request.headers;
    const named = namedViewer(posted, { salt });
    const { viewerIdentifier, setCookie }: Viewer =
      named === undefined ? viewerOf({ headers, address: seen.address }) : { viewerIdentifier: named };
    const context = { viewerIdentifier, ...seen, ownHosts: ownHosts(request), now: now() };
    const view = stampView(posted, context);
    return setCookie === undefined ? { view } : { view, setCookie };
  };

  function refuse(posted: PostedView, isServer: boolean): Problem | undefined {
    if (isServer) return undefined;
    const forServersOnly = SERVER_ONLY_FIELDS.filter((field) => posted[field] !== undefined);
    if (forServersOnly.length > 0) {
      return keyNeeded(`Only a server with a key may give ${forServersOnly.join(", ")}`);
    }
    if (pageTokenSecrets.length === 0) return undefined;
    const { token = "", modelId } = posted;
    if (isPageToken(token, { modelId, secrets: pageTokenSecrets, now: now() })) return undefined;
    return problem("token-needed", 401, "The view needs a token of its model's page that has not expired");
  }
}

/** Browsers say at least one of these of every page's request, and servers none. */
function isOfPage({ headers }: IncomingMessage): boolean {
  return (
    headers.origin !== undefined || headers.referer !== undefined || headers["sec-fetch-site"] !== undefined
  );
}

function ownHosts({ headers }: IncomingMessage): string[] {
  const host = hostOf(headers.origin ?? headers.referer ?? "");
  return host === undefined ? [] : [host];
}
