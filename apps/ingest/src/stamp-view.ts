import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { type PostedView, USER_AGENT_CHARS_MAX } from "@model-views/shared/views.ts";
import { v7 as uuidv7 } from "uuid";
import { addressToStore } from "./client-address.ts";
import { viewTime } from "./view-time.ts";

export type StampSettings = { storeIp: "off" | "truncated" | "full"; storeUserAgent: boolean };

/** What is known about a view besides its body. */
export type ViewContext = {
  viewerIdentifier: string;
  /** The client's address and user agent, as this service sees them or as a trusted server names them. */
  address: string | undefined;
  userAgent: string | undefined;
  now: Date;
  backfill?: boolean;
};

/**
 * Makes the view that is queued: with its id and its time, and without anything that must not be stored, because
 * the queue and its files are storage too.
 */
export function stampView(
  posted: Pick<PostedView, "id" | "modelId" | "viewedAt">,
  { viewerIdentifier, address, userAgent, now, backfill = false }: ViewContext,
  { storeIp, storeUserAgent }: StampSettings,
): ViewEvent {
  const { viewedAt, replaced } = viewTime(posted, { now, backfill });
  const ipAddress = addressToStore(address, storeIp);
  return {
    id: posted.id ?? uuidv7({ msecs: viewedAt.getTime() }),
    modelId: posted.modelId,
    viewerIdentifier,
    viewedAt: viewedAt.toISOString(),
    ...(replaced ? { viewedAtReplaced: true } : {}),
    ...(ipAddress === undefined ? {} : { ipAddress }),
    ...(storeUserAgent && userAgent !== undefined
      ? { userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX) }
      : {}),
  };
}
