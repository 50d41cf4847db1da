import type { ActionState } from "./action-state.ts";
import type { Model, ModelViewStats, TopViewedInPeriod, TopViewedModel } from "./answers.ts";
import type { CallOptions, ReadOptions } from "./config.ts";
import type { PassOnOptions } from "./pass-view-on.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { TopInPeriodOptions, TopOptions } from "./statistics.ts";
import type { ViewMetadata } from "./view-metadata.ts";
import type { CookieReader, CookieStore } from "./viewer-identifier.ts";

/** A model to create, or to give another name or category. */
export type ModelToPut = { id: string; name: string; category?: string | null | undefined };

/**
 * The server functions of a website. Those that answer an `ActionState` never reject, and settle within `timeoutMs`.
 *
 * Reading sets no `cache` for `fetch` by itself; writing is never cached.
 */
export type ModelViews = {
  /**
   * Counts a view. It carries an id, so that a post that had to be repeated counts once. Where the viewer is null, ingest
   * knows them for the day by `ipAddress` and `userAgent`.
   */
  trackModelView(
    modelId: string,
    viewerIdentifier: string | null,
    metadata?: ViewMetadata,
    options?: CallOptions,
  ): Promise<ActionState<{ success: boolean }>>;

  /** Views and viewers of a model. One that does not exist is an error. */
  getModelViewStats(modelId: string, options?: ReadOptions): Promise<ActionState<ModelViewStats>>;

  /**
   * Views and viewers of any number of models, in the order asked. Models that the stats API does not know are left out,
   * and those named twice are there once. Asked in parallel, 200 at a time.
   */
  getStats(modelIds: readonly string[], options?: ReadOptions): Promise<ActionState<ModelViewStats[]>>;

  /**
   * The most viewed models, 1 to 100 of them, of one category or of all. With `from` or `to` those of a period, whose
   * figures can be null where retention has removed what would tell them exactly.
   */
  getTopViewedModels(
    limit: number,
    category?: string | null,
    options?: TopOptions,
  ): Promise<ActionState<TopViewedModel[]>>;
  getTopViewedModels(
    limit: number,
    category: string | null | undefined,
    options: TopInPeriodOptions,
  ): Promise<ActionState<TopViewedInPeriod[]>>;

  /** Creates a model, or changes its name and category. Needs `adminKey`. */
  putModel(model: ModelToPut, options?: CallOptions): Promise<ActionState<Model>>;

  /**
   * The viewer by the cookie `viewer_id`, which is set where it is missing. With the request's `headers`, `Sec-GPC` and
   * `DNT` are honoured: no cookie, and null. See the exported function of this name.
   *
   * @throws {ModelViewsError} `not-configured` when no salt is configured.
   */
  getOrCreateViewerIdentifier(cookies: CookieStore | Promise<CookieStore>): Promise<string>;
  getOrCreateViewerIdentifier(
    cookies: CookieStore | Promise<CookieStore>,
    headers: RequestHeaders | Promise<RequestHeaders> | undefined,
  ): Promise<string | null>;

  /**
   * The same viewer without setting a cookie: can be called while a page renders. Null without a cookie.
   *
   * @throws {ModelViewsError} `not-configured` when no salt is configured.
   */
  getViewerIdentifier(
    cookies: CookieReader | Promise<CookieReader>,
    headers?: RequestHeaders | Promise<RequestHeaders>,
  ): Promise<string | null>;

  /**
   * Passes a browser's request on to ingest with the visitor's address, and the answer back. 503 when ingest does not
   * answer within `timeoutMs`. Rejects only when the function that gives the configuration throws.
   */
  passViewOn(request: Request, options: PassOnOptions): Promise<Response>;

  /** The same calls, but they give the data itself and throw a `ModelViewsError` when there is none. */
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
    options: TopInPeriodOptions,
  ): Promise<TopViewedInPeriod[]>;
  putModel(model: ModelToPut, options?: CallOptions): Promise<Model>;
};
