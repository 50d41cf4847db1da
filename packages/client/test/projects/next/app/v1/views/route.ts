import { modelViews } from "../../../model-views";

export const { POST } = modelViews.viewsRoute();
