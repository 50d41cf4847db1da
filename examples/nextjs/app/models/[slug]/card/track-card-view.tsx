"use client";

import { useEffect } from "react";
import { viewCard } from "./actions";

/** Counts the view once the card is shown: again when the visitor comes back to it, once under StrictMode. */
export function TrackCardView({ modelId }: { modelId: string }) {
  useEffect(() => {
    // StrictMode takes the effect back at once, before this runs.
    const timer = setTimeout(() => void viewCard(modelId));
    return () => clearTimeout(timer);
  }, [modelId]);
  return null;
}
