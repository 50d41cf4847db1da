"use client";
import { useTrackModelView } from "model-views-client/react";
export function TrackView({ modelId }: { modelId: string }) {
  useTrackModelView(modelId);
  return null;
}
