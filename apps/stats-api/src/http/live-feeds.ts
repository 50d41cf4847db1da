import type { LiveDetails, LiveStats } from "@model-views/shared/contracts/live.ts";
import type { LiveFeedDeps } from "./live-feed.ts";

type Kind<Data> = Omit<LiveFeedDeps<Data>, "look" | "onError">;

/** Views and viewers of the last five minutes. */
export const LIVE_FIGURES: Kind<LiveStats> = {
  event: "figures",
  keyOf: ({ views, viewers }) => `${views}-${viewers}`,
  hasIds: true,
  lookMs: 1_000,
};

/** What is viewed, and from where. */
export const LIVE_DETAILS: Kind<LiveDetails> = {
  event: "details",
  keyOf: ({ asOf: _, ...details }) => JSON.stringify(details),
  hasIds: false,
  lookMs: 2_000,
};
