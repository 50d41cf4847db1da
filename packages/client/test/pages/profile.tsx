import { type TrackModelViewOptions, useTrackModelView } from "model-views-client/react";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** The page of a profile, as a website with React writes it; a test shows and hides it. */
function Profile({ modelId, options }: { modelId: string | null; options: TrackModelViewOptions }) {
  useTrackModelView(modelId, options);
  return <h1>{modelId}</h1>;
}

type Shown = Omit<TrackModelViewOptions, "track"> & { track?: keyof typeof TRACKING };

const tracked: unknown[][] = [];

/** Functions that a test names: it cannot hand one over. Each is another one at every render, as a server action may be. */
const TRACKING = {
  "note and reject": async (...call: unknown[]) => {
    tracked.push(call);
    throw new Error("rejected");
  },
  "note and throw": (...call: unknown[]) => {
    tracked.push(call);
    throw new Error("thrown");
  },
};

function optionsOf({ track, ...options }: Shown = {}): TrackModelViewOptions {
  return { ...options, ...(track && { track: (...call) => TRACKING[track](...call) }) };
}

const root = createRoot(document.body.appendChild(document.createElement("main")));

Object.assign(window, {
  show: (modelId: string | null, options?: Shown) =>
    root.render(
      <StrictMode>
        <Profile modelId={modelId} options={optionsOf(options)} />
      </StrictMode>,
    ),
  tracked,
  hide: () => root.render(null),
});
