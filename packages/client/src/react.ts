// The entry `model-views-client/react`.
export { type TrackModelViewOptions, TrackView, useTrackModelView } from "./browser/use-track-model-view.ts";
