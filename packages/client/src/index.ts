// The entry `model-views-client`. A package has one main entry, so this is the only file that re-exports others.
export type { ActionState } from "./action-state.ts";
export type { HotModel, Model, ModelViewStats, TopViewedInPeriod, TopViewedModel, Why } from "./answers.ts";
export type { CallOptions, ModelViewsConfig, ReadOptions } from "./config.ts";
export { createModelViews } from "./create-model-views.ts";
export { isPrefetch } from "./is-prefetch.ts";
export type { ModelToPut, ModelViews, ModelViewsOrThrow } from "./model-views.ts";
export { ModelViewsError, type ModelViewsErrorCode } from "./model-views-error.ts";
export type { PassOnOptions } from "./pass-view-on.ts";
export type { RequestHeaders } from "./request-headers.ts";
export { signPageToken } from "./sign-page-token.ts";
export type { TopInPeriodOptions, TopOfNowOptions, TopOptions, ViewFilters } from "./statistics.ts";
export { type ViewMetadata, viewMetadata } from "./view-metadata.ts";
export {
  type CookieReader,
  type CookieStore,
  getOrCreateViewerIdentifier,
  getViewerIdentifier,
  type ViewerCookieOptions,
  type ViewerSettings,
} from "./viewer-identifier.ts";
