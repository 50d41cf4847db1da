import { modelViews } from "@/lib/model-views";

/** Where browsers post their views: under the site's own address, which passes them on to ingest. */
export const { POST } = modelViews.viewsRoute();
