import { TrackView, useTrackModelView } from "model-views-client/react";
import { Activity, Fragment, StrictMode } from "react";
import { createRoot } from "react-dom/client";

/** How the pages are counted: by the hook, by the component, or by what the script finds. */
export type CountedBy = "hook" | "component" | "element";
type SiteProps = { ingestUrl: string; countedBy: CountedBy; isStrict: boolean; shown: string };

/** Pages and their models. */
const pages: [path: string, modelId?: string][] = [
  ["/a", "0190aaaa-0000-7000-8000-00000000000a"],
  ["/list"],
  ["/b", "0190bbbb-0000-7000-8000-00000000000b"],
];

/** A website that hides pages instead of removing them, as Next.js does with `cacheComponents`. */
function Site({ shown, isStrict, ...counting }: SiteProps) {
  const Mode = isStrict ? StrictMode : Fragment;
  return (
    <Mode>
      {pages.map(([path, modelId]) => (
        <Activity key={path} mode={path === shown ? "visible" : "hidden"}>
          <main {...(counting.countedBy === "element" ? { "data-model-id": modelId } : {})}>
            <h1>{path}</h1>
            {modelId !== undefined && <Counted modelId={modelId} {...counting} />}
          </main>
        </Activity>
      ))}
    </Mode>
  );
}

type CountedProps = Pick<SiteProps, "ingestUrl" | "countedBy"> & { modelId: string };

function Counted({ modelId, ingestUrl, countedBy }: CountedProps) {
  useTrackModelView(countedBy === "hook" ? modelId : null, { ingestUrl });
  return countedBy === "component" ? <TrackView modelId={modelId} ingestUrl={ingestUrl} /> : null;
}

const root = createRoot(document.body.appendChild(document.createElement("div")));

Object.assign(window, {
  goTo(props: SiteProps) {
    history.pushState({}, "", props.shown);
    root.render(<Site {...props} />);
  },
});
