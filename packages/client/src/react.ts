// What `import … from "model-views-client/react"` offers.
export { type TrackModelViewOptions, TrackView, useTrackModelView } from "./browser/use-track-model-view.ts";
