import { cookies, headers } from "next/headers.js";
import { after, type NextRequest, NextResponse } from "next/server.js";
import { type ActionState, settle } from "./action-state.ts";
import { type ModelViewsConfig, readConfig } from "./config.ts";
import { createModelViews } from "./create-model-views.ts";
import { isPrefetch } from "./is-prefetch.ts";
import type { ModelViews } from "./model-views.ts";
import { ingestPath } from "./pass-view-on.ts";
import { asksForPrivacy } from "./privacy-signals.ts";
import { reportError } from "./report-error.ts";
import { type RequestHeaders, readHeader } from "./request-headers.ts";
import { isUuid } from "./uuid.ts";
import { viewMetadata } from "./view-metadata.ts";
import { VIEWER_COOKIE, viewerCookieOptions } from "./viewer-identifier.ts";
import { makeView, postView } from "./views.ts";

// What `import … from "model-views-client/next"` offers: the server functions, which read Next.js' request themselves.

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
   * signals from the request, and posts after the response is sent (`after`), so that the visitor does not wait; a
   * failure of that goes to `onError`.
   *
   * `success: false` in `data` means that the request only fetches ahead, so that nothing was counted.
   *
   * @param page its `path`, by default that of the page which called, and the `referrer` of the visitor, which only the
   *   browser knows (`document.referrer`).
   */
  trackView(
    modelId: string,
    page?: { path?: string | undefined; referrer?: string | undefined },
  ): Promise<ActionState<{ success: boolean }>>;

  /** The viewer by their cookie, or null. Sets nothing: can be called while a server component renders. */
  viewerIdentifier(): Promise<string | null>;

  /**
   * Handlers for `app/v1/views/route.ts` (`POST`), `app/model-views.js/route.ts` and `app/v1/view.gif/route.ts` (`GET`),
   * which pass the browser's request on to ingest: `export const { POST } = modelViews.viewsRoute();`
   */
  viewsRoute(): { GET: RouteHandler; POST: RouteHandler };

  /**
   * For `proxy.ts`: gives a visitor without a cookie `viewer_id` one, before the page renders, unless they ask for privacy
   * or only fetch ahead. Passes requests for ingest (`/v1/views`, `/model-views.js`, `/v1/view.gif`) on.
   *
   * @param response what the proxy answers otherwise. Default: `NextResponse.next()`.
   */
  withViewer(request: NextRequest, response?: NextResponse): Promise<Response>;
};

type RouteHandler = (request: Request) => Promise<Response>;

export function createNextModelViews(
  config: NextModelViewsConfig | (() => NextModelViewsConfig),
): NextModelViews {
  const modelViews = createModelViews(config);
  const settings = () => readConfig(config);
  const addressHeader = () => (typeof config === "function" ? config() : config).addressHeader;
  const passOn = (request: Request) => {
    const name = addressHeader();
    return modelViews.passViewOn(request, {
      clientAddress: name === undefined ? undefined : request.headers.get(name),
    });
  };

  return {
    ...modelViews,

    async trackView(modelId, page = {}) {
      const [asked, store] = await Promise.all([headers(), cookies()]);
      if (isPrefetch(asked)) return { success: true, data: { success: false } };
      return settle(
        (async () => {
          const viewer = await modelViews.getOrCreateViewerIdentifier(store, asked);
          const { ipAddress, userAgent } = viewMetadata(asked, { addressHeader: addressHeader() });
          const path = page.path ?? pathOfCaller(asked);
          const view = makeView(modelId, viewer, { ipAddress, userAgent, path, referrer: page.referrer });
          const { onError } = settings();
          after(() => postView(settings(), view).catch((error) => reportError(onError, error)));
          return { success: true };
        })(),
      );
    },

    async viewerIdentifier() {
      const [asked, store] = await Promise.all([headers(), cookies()]);
      return modelViews.getViewerIdentifier(store, asked);
    },

    viewsRoute: () => ({ GET: passOn, POST: passOn }),

    async withViewer(request, response) {
      if (ingestPath(request) !== undefined) return passOn(request);
      const isKnown = isUuid(request.cookies.get(VIEWER_COOKIE)?.value);
      if (isKnown || isPrefetch(request.headers) || asksForPrivacy(request.headers)) {
        return response ?? NextResponse.next();
      }
      const viewerId = crypto.randomUUID();
      request.cookies.set(VIEWER_COOKIE, viewerId);
      const answer = response ?? NextResponse.next({ request: { headers: request.headers } });
      answer.cookies.set(VIEWER_COOKIE, viewerId, viewerCookieOptions(settings().viewer.isProduction));
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
