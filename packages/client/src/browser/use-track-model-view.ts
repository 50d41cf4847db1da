"use client";

import { useEffect, useRef } from "react";
import { takeEntryReferrer } from "./entry-referrer.ts";
import { modelIdOf } from "./model-id.ts";
import { isOwnVisit } from "./own-visits.ts";
import { postView } from "./post-view.ts";
import { isSeen, onSeenChange } from "./seen.ts";

export type TrackModelViewOptions = {
  /** Address of ingest. Without it, views go to `/v1/views` of the website, which passes them on. */
  ingestUrl?: string | undefined;
  /** A signed page token, where ingest requires one. */
  token?: string | undefined;
  /**
   * Called instead of a post to ingest: a server action that calls `trackView` or `trackModelView`. `page` has what only
   * the browser can read.
   */
  track?: ((modelId: string, page: { referrer: string }) => unknown) | undefined;
};

/**
 * Counts a view of the model whose profile this component shows, as soon as the page is seen: once each time the
 * component is mounted or shown again by `<Activity>`, and once for each other model it gets meanwhile. Counts once under
 * StrictMode too. Does nothing without a model id, as while it is being loaded.
 *
 * Do not use it on a page with the script tag: each would count.
 *
 * @example
 * ```tsx
 * function Profile({ model }: { model?: Model }) {
 *   useTrackModelView(model?.id, { ingestUrl: "https://views.example.com" });
 *   return <h1>{model?.name}</h1>;
 * }
 * ```
 */
export function useTrackModelView(
  modelId: string | null | undefined,
  { ingestUrl = "", token, track }: TrackModelViewOptions = {},
): void {
  const counted = useRef<string>(undefined);
  const forgetting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    clearTimeout(forgetting.current);
    const id = modelIdOf(modelId ?? "");

    function count(): void {
      if (isOwnVisit() || !id || counted.current === id || !isSeen()) return;
      counted.current = id;
      const referrer = takeEntryReferrer();
      try {
        if (track) Promise.resolve(track(id, { referrer })).catch(() => {});
        else postView(`${ingestUrl.replace(/\/+$/, "")}/v1/views`, id, referrer, token);
      } catch {
        // Counting must not break the page.
      }
    }

    count();
    const stop = onSeenChange(count);
    return () => {
      stop();
      // Under StrictMode, or with a new token or function, the effect runs again at once: no further view. `<Activity>` keeps
      // the state of a page that it hides, and runs the effect again when the page is visited again: a view.
      forgetting.current = setTimeout(() => {
        counted.current = undefined;
      });
    };
  }, [modelId, ingestUrl, token, track]);
}

/**
 * {@link useTrackModelView} as a component, for pages that are rendered on the server. Renders nothing.
 *
 * @example
 * ```tsx
 * <TrackView modelId={model.id} />
 * ```
 */
export function TrackView({
  modelId,
  ...options
}: TrackModelViewOptions & { modelId: string | null | undefined }): null {
  useTrackModelView(modelId, options);
  return null;
}
