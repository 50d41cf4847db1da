// The entry `model-views-client/next`: server functions that read the request from Next.js themselves.
import { cookies, headers } from "next/headers.js";
import { after, type NextRequest, NextResponse } from "next/server.js";
import { type ActionState, settle } from "./action-state.ts";
import { type ModelViewsConfig, readConfig, type Settings } from "./config.ts";
import { composeModelViews } from "./create-model-views.ts";
import { ingestPath } from "./ingest-paths.ts";
import { isPrefetch } from "./is-prefetch.ts";
import type { ModelViews } from "./model-views.ts";
import { ModelViewsError } from "./model-views-error.ts";
import { asksForPrivacy } from "./privacy-signals.ts";
import { reportError } from "./report-error.ts";
import { type RequestHeaders, readHeader } from "./request-headers.ts";
import { isUuid } from "./uuid.ts";
import { viewMetadata } from "./view-metadata.ts";
import { VIEWER_COOKIE, viewerCookieOptions } from "./viewer-identifier.ts";
import { makeView, postView } from "./views.ts";

export type NextModelViewsConfig = ModelViewsConfig & {
  /**
   * The header in which your own proxy puts the visitor's address, such as `x-real-ip`. The proxy must always set it
   * itself, because any visitor can send any header. Default: none, and visitors have no address.
   */
  addressHeader?: string | undefined;
};

export type NextModelViews = ModelViews & {
  /**
   * Counts a view of a model from a server action or a route handler. Reads viewer, address, user agent and privacy
   * signals from the request. Posts after the response was sent (`after`), so the visitor does not wait. When the post
   * fails, `onError` is called.
   *
   * `data.success` is false when the request is a prefetch: nothing was counted.
   *
   * @param page `path`: default is that of the page that called. `referrer`: only the browser has it
   *   (`document.referrer`).
   *
   * @example
   * ```tsx
   * // actions.ts
   * "use server";
   * export const track = async (modelId: string, page: { referrer: string }) => modelViews.trackView(modelId, page);
   *
   * // The page of the model
   * <TrackView modelId={model.id} track={track} />
   * ```
   */
  trackView(
    modelId: string,
    page?: { path?: string | undefined; referrer?: string | undefined },
  ): Promise<ActionState<{ success: boolean }>>;

  /**
   * Identifies the viewer by their cookie; null without a cookie, or when they ask for privacy. Sets no cookie, so it can
   * be called while a server component renders.
   */
  viewerIdentifier(): Promise<string | null>;

  /**
   * Route handlers that pass a browser's request on to ingest: `POST` for `app/v1/views/route.ts`, `GET` for
   * `app/model-views.js/route.ts` and `app/v1/views/[gif]/route.ts`.
   *
   * @example
   * ```ts
   * export const { POST } = modelViews.viewsRoute();
   * ```
   */
  viewsRoute(): { GET: RouteHandler; POST: RouteHandler };

  /**
   * For `proxy.ts` (`middleware.ts` before Next.js 16): sets the cookie `viewer_id` for a visitor without one, before the
   * page renders. Not for visitors who ask for privacy, and not for a prefetch. The response that sets the cookie is
   * marked as private. Requests for ingest (`/v1/views`, `/model-views.js`) are passed on.
   *
   * @param response the answer of your proxy. Default: `NextResponse.next()`. With your own response, server components
   *   see the new cookie in the same request, but route handlers do not.
   *
   * @example
   * ```ts
   * export const proxy = (request: NextRequest) => modelViews.withViewer(request);
   * ```
   */
  withViewer(request: NextRequest, response?: NextResponse): Promise<Response>;
};

type RouteHandler = (request: Request) => Promise<Response>;

/**
 * Creates the server functions for Next.js 15.1 and later. Opens no connection and reads no settings from the environment.
 *
 * @param config the configuration, or a function that returns it. The function runs at each call, so a website can be
 *   built where the addresses are not set yet.
 *
 * @example
 * ```ts
 * export const modelViews = createNextModelViews(() => ({
 *   ingestUrl: process.env.INGEST_URL,
 *   statsUrl: process.env.STATS_URL,
 *   viewerIdSalt: process.env.VIEWER_ID_SALT,
 *   addressHeader: "x-real-ip",
 * }));
 * ```
 */
export function createNextModelViews(
  config: NextModelViewsConfig | (() => NextModelViewsConfig),
): NextModelViews {
  const read = () => (typeof config === "function" ? config() : config);
  const settings = () => readConfig(read());
  const modelViews = composeModelViews(settings, (error) => warnWhileBuilding(error, read().onError));

  const passOn: RouteHandler = async (request) => {
    const { addressHeader } = read();
    const clientAddress = addressHeader ? request.headers.get(addressHeader) : undefined;
    return modelViews.passViewOn(request, { clientAddress });
  };

  /** A configuration that throws must not break every page of the website. */
  function settingsOrWarn(): Settings | undefined {
    try {
      return settings();
    } catch (error) {
      reportError(undefined, error);
      return undefined;
    }
  }

  async function postLater(
    modelId: string,
    page: { path?: string | undefined; referrer?: string | undefined },
  ) {
    const [requestHeaders, store] = await Promise.all([headers(), cookies()]);
    if (isPrefetch(requestHeaders)) return { success: false };
    const viewer = await modelViews.getOrCreateViewerIdentifier(store, requestHeaders);
    const { ipAddress, userAgent } = viewMetadata(requestHeaders, { addressHeader: read().addressHeader });
    const path = page.path ?? pathOfCaller(requestHeaders);
    const view = makeView(modelId, viewer, { ipAddress, userAgent, path, referrer: page.referrer });
    const current = settings();
    after(() => postView(current, view).catch((error) => reportError(current.onError, error)));
    return { success: true };
  }

  return {
    ...modelViews,

    trackView: (modelId, page = {}) => settle(postLater(modelId, page)),

    async viewerIdentifier() {
      const [requestHeaders, store] = await Promise.all([headers(), cookies()]);
      return modelViews.getViewerIdentifier(store, requestHeaders);
    },

    viewsRoute: () => ({ GET: passOn, POST: passOn }),

    async withViewer(request, response) {
      const current = settingsOrWarn();
      if (current === undefined) return response ?? NextResponse.next();
      if (ingestPath(request, current.paths) !== undefined) return passOn(request);
      const hasViewerId = isUuid(request.cookies.get(VIEWER_COOKIE)?.value);
      if (hasViewerId || isPrefetch(request.headers) || asksForPrivacy(request.headers)) {
        return response ?? NextResponse.next();
      }
      const viewerId = crypto.randomUUID();
      request.cookies.set(VIEWER_COOKIE, viewerId);
      const answer = response ?? NextResponse.next({ request: { headers: request.headers } });
      answer.cookies.set(VIEWER_COOKIE, viewerId, viewerCookieOptions(current.viewer.isProduction));
      // A shared cache must not give one visitor's cookie to the next.
      answer.headers.set("Cache-Control", "private, no-cache");
      return answer;
    },
  };
}

/** The page that called a server action, or that posted to a route handler. */
function pathOfCaller(requestHeaders: RequestHeaders): string | undefined {
  const page = readHeader(requestHeaders, "referer");
  if (page === undefined || !URL.canParse(page)) return undefined;
  const { pathname, search } = new URL(page);
  return pathname + search;
}

/** A page that `next build` makes keeps an error for good, and nothing on the page shows why. */
function warnWhileBuilding(error: ModelViewsError, onError: ModelViewsConfig["onError"]): void {
  if (process.env["NEXT_PHASE"] !== "phase-production-build") return;
  const hint = "a page that is built now keeps this error: use orThrow, or await connection() before";
  reportError(onError, new ModelViewsError(`${error.message}; ${hint}`, error));
}
