import { type TrackModelViewOptions, useTrackModelView } from "model-views-client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** The page of a profile, as a website with React writes it; a test shows and hides it. */
function Profile({ modelId, options }: { modelId: string | null; options?: TrackModelViewOptions }) {
  useTrackModelView(modelId, options);
  return <h1>{modelId}</h1>;
}

const root = createRoot(document.body.appendChild(document.createElement("main")));

Object.assign(window, {
  show: (modelId: string | null, options?: TrackModelViewOptions) =>
    root.render(
      <StrictMode>
        <Profile modelId={modelId} {...(options === undefined ? {} : { options })} />
      </StrictMode>,
    ),
  hide: () => root.render(null),
});
