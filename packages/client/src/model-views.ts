import type { ActionState } from "./action-state.ts";
import type { HotModel, Model, ModelViewStats, TopViewedInPeriod, TopViewedModel } from "./answers.ts";
import type { CallOptions, ReadOptions } from "./config.ts";
import type { PassOnOptions } from "./pass-view-on.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { TopInPeriodOptions, TopOfNowOptions, TopOptions } from "./statistics.ts";
import type { ViewMetadata } from "./view-metadata.ts";
import type { CookieReader, CookieStore } from "./viewer-identifier.ts";

/** A model to create, or to give another name or category. */
export type ModelToPut = { id: string; name: string; category?: string | null | undefined };

/**
 * The server functions of a website. Those that return an `ActionState` never reject, and settle within `timeoutMs`.
 *
 * Calls that read pass no `cache` option to `fetch` unless you do; calls that write are never cached.
 */
export type ModelViews = {
  /**
   * Counts a view. The view has an id, so it counts once even when it is posted twice. Where the viewer is null, ingest
   * recognises them for the day by `ipAddress` and `userAgent`.
   *
   * @example
   * ```ts
   * // Called by the page when it is seen, not while it renders: see `isPrefetch`.
   * const viewer = await modelViews.getOrCreateViewerIdentifier(cookies(), headers());
   * const metadata = viewMetadata(await headers(), { addressHeader: "x-real-ip", path: "/models/anna" });
   * await modelViews.trackModelView(model.id, viewer, metadata);
   * ```
   */
  trackModelView(
    modelId: string,
    viewerIdentifier: string | null,
    metadata?: ViewMetadata,
    options?: CallOptions,
  ): Promise<ActionState<{ success: boolean }>>;

  /** Views and viewers of a model. A model that does not exist is an error. */
  getModelViewStats(modelId: string, options?: ReadOptions): Promise<ActionState<ModelViewStats>>;

  /**
   * Views and viewers of any number of models, in the order of `modelIds`. Models that do not exist are left out, and
   * an id that is given twice is there once. Sends one request for each 200 models, all at once.
   *
   * @example
   * ```ts
   * const stats = await modelViews.getStats(models.map(({ id }) => id), { next: { revalidate: 60 } });
   * const viewsOf = new Map(stats.success ? stats.data.map((each) => [each.modelId, each.totalViews]) : []);
   * ```
   */
  getStats(modelIds: readonly string[], options?: ReadOptions): Promise<ActionState<ModelViewStats[]>>;

  /**
   * The most viewed models, 1 to 100 of them, of one category or of all. With `from` or `to` they are those of a period;
   * their counts can be null where retention has removed views that an exact count would need. `hot` and `rising` are what is
   * viewed now, each with its `score` and with `why` it is there.
   *
   * @example
   * ```ts
   * const november = await modelViews.getTopViewedModels(10, "women", { from: "2026-11-01", to: "2026-12-01" });
   * const onPhones = await modelViews.getTopViewedModels(10, null, { from: "2026-11-01", filters: { device: "mobile" } });
   * const hot = await modelViews.getTopViewedModels(10, null, { sort: "hot", halfLife: "7d" });
   * const rising = await modelViews.orThrow.getTopViewedModels(10, null, { sort: "rising" });
   * for (const { name, why } of rising) console.log(name, why.text);
   * ```
   */
  getTopViewedModels(
    limit: number,
    category?: string | null,
    options?: TopOptions,
  ): Promise<ActionState<TopViewedModel[]>>;
  getTopViewedModels(
    limit: number,
    category: string | null | undefined,
    options: TopOfNowOptions,
  ): Promise<ActionState<HotModel[]>>;
  getTopViewedModels(
    limit: number,
    category: string | null | undefined,
    options: TopInPeriodOptions,
  ): Promise<ActionState<TopViewedInPeriod[]>>;

  /** Creates a model, or changes its name and category. Needs `adminKey`. */
  putModel(model: ModelToPut, options?: CallOptions): Promise<ActionState<Model>>;

  /**
   * Identifies the viewer by the cookie `viewer_id`, and sets the cookie where it is missing. With the request's
   * `headers`, `Sec-GPC` and `DNT` are honoured: no cookie is set, and the result is null. See the exported function of
   * this name.
   *
   * @throws {ModelViewsError} `not-configured` when no salt is configured.
   */
  getOrCreateViewerIdentifier(cookies: CookieStore | Promise<CookieStore>): Promise<string>;
  getOrCreateViewerIdentifier(
    cookies: CookieStore | Promise<CookieStore>,
    headers: RequestHeaders | Promise<RequestHeaders> | undefined,
  ): Promise<string | null>;

  /**
   * Identifies the same viewer without setting a cookie, so it can be called while a page renders. Null without a cookie.
   *
   * @throws {ModelViewsError} `not-configured` when no salt is configured.
   */
  getViewerIdentifier(
    cookies: CookieReader | Promise<CookieReader>,
    headers?: RequestHeaders | Promise<RequestHeaders>,
  ): Promise<string | null>;

  /**
   * Passes a browser's request on to ingest with the visitor's address, and returns ingest's answer. The answer is 503
   * when ingest does not answer within `timeoutMs`. Rejects only when the function that returns the configuration throws.
   *
   * @example
   * ```ts
   * // The route for POST /v1/views and GET /model-views.js, behind a proxy that sets `x-real-ip`.
   * export const handler = (request: Request) =>
   *   modelViews.passViewOn(request, { clientAddress: request.headers.get("x-real-ip") });
   * ```
   */
  passViewOn(request: Request, options: PassOnOptions): Promise<Response>;

  /**
   * The same calls, but they return the data itself and throw a `ModelViewsError` on failure.
   *
   * @example
   * ```ts
   * const { totalViews } = await modelViews.orThrow.getModelViewStats(model.id);
   * ```
   */
  orThrow: ModelViewsOrThrow;
};

export type ModelViewsOrThrow = {
  trackModelView(
    modelId: string,
    viewerIdentifier: string | null,
    metadata?: ViewMetadata,
    options?: CallOptions,
  ): Promise<{ success: boolean }>;
  getModelViewStats(modelId: string, options?: ReadOptions): Promise<ModelViewStats>;
  getStats(modelIds: readonly string[], options?: ReadOptions): Promise<ModelViewStats[]>;
  getTopViewedModels(
    limit: number,
    category?: string | null,
    options?: TopOptions,
  ): Promise<TopViewedModel[]>;
  getTopViewedModels(
    limit: number,
    category: string | null | undefined,
    options: TopOfNowOptions,
  ): Promise<HotModel[]>;
  getTopViewedModels(
    limit: number,
    category: string | null | undefined,
    options: TopInPeriodOptions,
  ): Promise<TopViewedInPeriod[]>;
  putModel(model: ModelToPut, options?: CallOptions): Promise<Model>;
};
