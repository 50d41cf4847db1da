import { settle } from "./action-state.ts";
import { type ModelViewsConfig, readConfig, type Settings } from "./config.ts";
import type { ModelViews, ModelViewsOrThrow } from "./model-views.ts";
import type { ModelViewsError } from "./model-views-error.ts";
import { passViewOn } from "./pass-view-on.ts";
import { putModel } from "./put-model.ts";
import type { RequestHeaders } from "./request-headers.ts";
import { askManyStats, askStats, askTop } from "./statistics.ts";
import { type CookieStore, getOrCreateViewerIdentifier, getViewerIdentifier } from "./viewer-identifier.ts";
import { makeView, postView } from "./views.ts";

/**
 * Builds the server functions. Opens nothing, reads no environment.
 *
 * @param config or a function that gives it, called at each use: so addresses are those of the running server, also where
 *   the website was built without them.
 */
export function createModelViews(config: ModelViewsConfig | (() => ModelViewsConfig)): ModelViews {
  return composeModelViews(() => readConfig(config));
}

/** @param onFailure called with every error of which a caller gets the message alone. */
export function composeModelViews(
  settings: () => Settings,
  onFailure?: (error: ModelViewsError) => void,
): ModelViews {
  const orThrow: ModelViewsOrThrow = {
    trackModelView: async (modelId, viewerIdentifier, metadata, options) =>
      postView(settings(), makeView(modelId, viewerIdentifier, metadata), options),
    getModelViewStats: async (modelId, options) => askStats(settings(), modelId, options),
    getStats: async (modelIds, options) => askManyStats(settings(), modelIds, options),
    getTopViewedModels: (async (limit, category, options) =>
      askTop(settings(), limit, category, options)) as ModelViewsOrThrow["getTopViewedModels"],
    putModel: async (model, options) => putModel(settings(), model, options),
  };

  return {
    trackModelView: (...asked) => settle(orThrow.trackModelView(...asked), onFailure),
    getModelViewStats: (...asked) => settle(orThrow.getModelViewStats(...asked), onFailure),
    getStats: (...asked) => settle(orThrow.getStats(...asked), onFailure),
    getTopViewedModels: ((limit, category, options = {}) =>
      settle(
        orThrow.getTopViewedModels(limit, category, options),
        onFailure,
      )) as ModelViews["getTopViewedModels"],
    putModel: (...asked) => settle(orThrow.putModel(...asked), onFailure),
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
