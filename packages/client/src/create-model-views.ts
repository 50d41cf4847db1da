import { settle } from "./action-state.ts";
import { type ModelViewsConfig, readConfig, type Settings } from "./config.ts";
import type { ModelViews, ModelViewsOrThrow } from "./model-views.ts";
import type { ModelViewsError } from "./model-views-error.ts";
import { passViewOn } from "./pass-view-on.ts";
import { putModel } from "./put-model.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { fetchManyStats, fetchStats, fetchTop, type TopArguments } from "./statistics.ts";
import { type CookieStore, getOrCreateViewerIdentifier, getViewerIdentifier } from "./viewer-identifier.ts";
import { makeView, postView } from "./views.ts";

/**
 * Creates the server functions. Opens no connection and reads no environment.
 *
 * @param config the configuration, or a function that returns it. The function runs at each call, so a website can be
 *   built where the addresses are not set yet.
 *
 * @example
 * ```ts
 * export const modelViews = createModelViews(() => ({
 *   ingestUrl: process.env.INGEST_URL,
 *   statsUrl: process.env.STATS_URL,
 *   viewerIdSalt: process.env.VIEWER_ID_SALT,
 * }));
 *
 * const stats = await modelViews.getModelViewStats(model.id);
 * if (stats.success) console.log(stats.data.totalViews);
 * else console.error(stats.error);
 * ```
 */
export function createModelViews(config: ModelViewsConfig | (() => ModelViewsConfig)): ModelViews {
  return composeModelViews(() => readConfig(config));
}

/** @param onFailure called with each error of which the caller gets only the message. */
export function composeModelViews(
  settings: () => Settings,
  onFailure?: (error: ModelViewsError) => void,
): ModelViews {
  const getTop = async (...args: TopArguments) => fetchTop(settings(), ...args);
  const orThrow: ModelViewsOrThrow = {
    trackModelView: async (modelId, viewerIdentifier, metadata, options) =>
      postView(settings(), makeView(modelId, viewerIdentifier, metadata), options),
    getModelViewStats: async (modelId, options) => fetchStats(settings(), modelId, options),
    getStats: async (modelIds, options) => fetchManyStats(settings(), modelIds, options),
    getTopViewedModels: getTop as ModelViewsOrThrow["getTopViewedModels"],
    putModel: async (model, options) => putModel(settings(), model, options),
  };

  return {
    trackModelView: (...args) => settle(orThrow.trackModelView(...args), onFailure),
    getModelViewStats: (...args) => settle(orThrow.getModelViewStats(...args), onFailure),
    getStats: (...args) => settle(orThrow.getStats(...args), onFailure),
    getTopViewedModels: ((...args: TopArguments) =>
      settle(getTop(...args), onFailure)) as ModelViews["getTopViewedModels"],
    putModel: (...args) => settle(orThrow.putModel(...args), onFailure),
    getOrCreateViewerIdentifier: getOrCreate,
    getViewerIdentifier: async (cookies, headers) => getViewerIdentifier(cookies, settings().viewer, headers),
    passViewOn: async (request, options) => passViewOn(settings(), request, options),
    orThrow,
  };

  function getOrCreate(cookies: CookieStore | Promise<CookieStore>): Promise<string>;
  function getOrCreate(
    cookies: CookieStore | Promise<CookieStore>,
    headers: RequestHeaders | Promise<RequestHeaders> | undefined,
  ): Promise<string | null>;
  async function getOrCreate(
    cookies: CookieStore | Promise<CookieStore>,
    headers?: RequestHeaders | Promise<RequestHeaders>,
  ): Promise<string | null> {
    return getOrCreateViewerIdentifier(cookies, settings().viewer, headers);
  }
}
