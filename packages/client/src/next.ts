// What `import … from "model-views-client/next"` offers: the server functions, which read Next.js' request themselves.
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
   * The header in which your own proxy puts the visitor's address, such as `x-real-ip`. It must be one that the proxy
   * always sets itself. Default: none, and visitors have no address.
   */
  addressHeader?: string | undefined;
};

export type NextModelViews = ModelViews & {
  /**
   * Counts a view of a model from a server action or a route handler. Reads viewer, address, user agent and privacy
   * signals from the request, and posts after the response is sent (`after`), so that the visitor does not wait. When
   * that fails, `onError` is called.
   *
   * `data.success` is false when the request only fetches ahead: then nothing was counted.
   *
   * @param page `path`, by default that of the page which called; `referrer`, which only the browser knows
   *   (`document.referrer`).
   */
  trackView(
    modelId: string,
    page?: { path?: string | undefined; referrer?: string | undefined },
  ): Promise<ActionState<{ success: boolean }>>;

  /**
   * The viewer by their cookie; null without one, or when they ask for privacy. Sets nothing, so it can be called while a
   * server component renders.
   */
  viewerIdentifier(): Promise<string | null>;

  /**
   * Handlers for `app/v1/views/route.ts` (`POST`), `app/model-views.js/route.ts` and `app/v1/views/[gif]/route.ts` (`GET`),
   * which pass the browser's request on to ingest: `export const { POST } = modelViews.viewsRoute();`
   */
  viewsRoute(): { GET: RouteHandler; POST: RouteHandler };

  /**
   * For `proxy.ts` (`middleware.ts` before Next.js 16): gives a visitor without a cookie `viewer_id` one before the page
   * renders, unless they ask for privacy or only fetch ahead. The response that sets it is marked as private. Requests for
   * ingest (`/v1/views`, `/model-views.js`) are passed on.
   *
   * @param response what the proxy answers otherwise, by default `NextResponse.next()`. With a response of your own,
   *   server components see the new cookie in the same request, but route handlers do not.
   */
  withViewer(request: NextRequest, response?: NextResponse): Promise<Response>;
};

type RouteHandler = (request: Request) => Promise<Response>;

/**
 * The server functions, for Next.js 15.1 and later. Opens nothing, reads no address from the environment.
 *
 * @param config or a function that gives it, called at each use: so addresses are those of the running server, also where
 *   the website was built without them.
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

  /** A configuration that throws must not take every page of the website with it. */
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
    const [asked, store] = await Promise.all([headers(), cookies()]);
    if (isPrefetch(asked)) return { success: false };
    const viewer = await modelViews.getOrCreateViewerIdentifier(store, asked);
    const { ipAddress, userAgent } = viewMetadata(asked, { addressHeader: read().addressHeader });
    const path = page.path ?? pathOfCaller(asked);
    const view = makeView(modelId, viewer, { ipAddress, userAgent, path, referrer: page.referrer });
    const known = settings();
    after(() => postView(known, view).catch((error) => reportError(known.onError, error)));
    return { success: true };
  }

  return {
    ...modelViews,

    trackView: (modelId, page = {}) => settle(postLater(modelId, page)),

    async viewerIdentifier() {
      const [asked, store] = await Promise.all([headers(), cookies()]);
      return modelViews.getViewerIdentifier(store, asked);
    },

    viewsRoute: () => ({ GET: passOn, POST: passOn }),

    async withViewer(request, response) {
      const known = settingsOrWarn();
      if (known === undefined) return response ?? NextResponse.next();
      if (ingestPath(request, known.paths) !== undefined) return passOn(request);
      const isKnown = isUuid(request.cookies.get(VIEWER_COOKIE)?.value);
      if (isKnown || isPrefetch(request.headers) || asksForPrivacy(request.headers)) {
        return response ?? NextResponse.next();
      }
      const viewerId = crypto.randomUUID();
      request.cookies.set(VIEWER_COOKIE, viewerId);
      const answer = response ?? NextResponse.next({ request: { headers: request.headers } });
      answer.cookies.set(VIEWER_COOKIE, viewerId, viewerCookieOptions(known.viewer.isProduction));
      // A shared cache must not give one visitor's cookie to the next.
      answer.headers.set("Cache-Control", "private, no-cache");
      return answer;
    },
  };
}

/** The page that called a server action, or that posted to a route handler. */
function pathOfCaller(asked: RequestHeaders): string | undefined {
  const page = readHeader(asked, "referer");
  if (page === undefined || !URL.canParse(page)) return undefined;
  const { pathname, search } = new URL(page);
  return pathname + search;
}

/** A page that is made by `next build` keeps what it was answered, and no visitor can tell why. */
function warnWhileBuilding(error: ModelViewsError, onError: ModelViewsConfig["onError"]): void {
  if (process.env["NEXT_PHASE"] !== "phase-production-build") return;
  const hint = "a page that is built now keeps this error: use orThrow, or await connection() before";
  reportError(onError, new ModelViewsError(`${error.message}; ${hint}`, error));
}
