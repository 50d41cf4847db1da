// What `import … from "model-views-client/react"` offers.
export { type TrackModelViewOptions, useTrackModelView } from "./browser/use-track-model-view.ts";
