"use client";

import { useEffect, useRef } from "react";
import { takeEntryReferrer } from "./entry-referrer.ts";
import { modelIdOf } from "./model-id.ts";
import { isOwnVisit } from "./own-visits.ts";
import { postView } from "./post-view.ts";
import { isSeen, onSeenChange } from "./seen.ts";

export type TrackModelViewOptions = {
  /** Address of ingest; without one, views go to `/v1/views` of the website itself, which passes them on. */
  ingestUrl?: string | undefined;
  /** A signed page token, where ingest asks for one. */
  token?: string | undefined;
  /**
   * Counts the view instead of a post to ingest: a server action, which calls `trackView` or `trackModelView`. Gets what
   * only the browser knows.
   */
  track?: ((modelId: string, page: { referrer: string }) => unknown) | undefined;
};

/**
 * Counts a view of the model whose profile this component shows: once each time it is mounted, or shown again by
 * `<Activity>`, and for each model in between; as soon as the page is seen, under StrictMode too. Without a model id
 * (while it is being loaded) it does nothing.
 *
 * Not beside the script tag on the same page: each would count.
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
      // StrictMode, a renewed token or function set up again at once: no further view. `<Activity>`, which hides a page and
      // keeps what it remembers, does so when the page is visited again: a view.
      forgetting.current = setTimeout(() => {
        counted.current = undefined;
      });
    };
  }, [modelId, ingestUrl, token, track]);
}

/** {@link useTrackModelView} as a component, for pages that are rendered on the server. Renders nothing. */
export function TrackView({
  modelId,
  ...options
}: TrackModelViewOptions & { modelId: string | null | undefined }): null {
  useTrackModelView(modelId, options);
  return null;
}
