// What `import … from "model-views-client"` offers: a package has one entry, so this file alone only passes on.
export type { ActionState } from "./action-state.ts";
export type { ModelViewStats, TopViewedModel } from "./answers.ts";
export { createModelViews, type ModelViews, type ModelViewsConfig } from "./create-model-views.ts";
export { signPageToken } from "./sign-page-token.ts";
export type { ViewMetadata } from "./view-metadata.ts";
export {
  type CookieStore,
  getOrCreateViewerIdentifier,
  type ViewerCookieOptions,
  type ViewerSettings,
} from "./viewer-identifier.ts";
