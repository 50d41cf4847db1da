"use client";

import { useEffect, useRef } from "react";
import { postView } from "./post-view.ts";
import { isSeen, onSeenChange } from "./seen.ts";

export type TrackModelViewOptions = {
  /** Address of ingest; without one, views go to `/v1/views` of the website itself, which passes them on. */
  ingestUrl?: string | undefined;
  /** A signed page token, where ingest asks for one. */
  token?: string | undefined;
};

/**
 * Counts a view of the model whose profile this component shows: once for each model it is mounted with, as soon as
 * the page is seen, under StrictMode too. Without a model id (while it is being loaded) it does nothing.
 *
 * Not beside the script tag on the same page: each would count.
 */
export function useTrackModelView(
  modelId: string | null | undefined,
  { ingestUrl = "", token }: TrackModelViewOptions = {},
): void {
  const counted = useRef<string>(undefined);
  useEffect(() => {
    if (!modelId) return;

    function count(): void {
      // StrictMode runs effects twice, and a token that is renewed is no further view.
      if (!modelId || counted.current === modelId || !isSeen()) return;
      counted.current = modelId;
      try {
        postView(`${ingestUrl.replace(/\/+$/, "")}/v1/views`, {
          modelId,
          referrer: document.referrer,
          token,
        });
      } catch {
        // Counting must not break the page.
      }
    }

    count();
    return onSeenChange(count);
  }, [modelId, ingestUrl, token]);
}
