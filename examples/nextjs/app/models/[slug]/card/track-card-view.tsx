"use client";

import { useEffect } from "react";
import { viewCard } from "./actions";

/** Counts the card once it is seen, and again when the visitor comes back to it. */
export function TrackCardView({ modelId }: { modelId: string }) {
  useEffect(() => {
    const counted = new AbortController();
    const countIfSeen = () => {
      if (document.visibilityState !== "visible") return;
      counted.abort();
      void viewCard(modelId);
    };
    // StrictMode takes an effect back at once, and runs it again.
    const timer = setTimeout(countIfSeen);
    document.addEventListener("visibilitychange", countIfSeen, { signal: counted.signal });
    return () => {
      clearTimeout(timer);
      counted.abort();
    };
  }, [modelId]);
  return null;
}
