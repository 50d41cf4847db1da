import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { type PostedView, USER_AGENT_CHARS_MAX } from "@model-views/shared/contracts/views.ts";
import type { Enricher } from "../enrichment/enrichment.ts";
import type { IsOwnHost } from "../enrichment/own-hosts.ts";
import { addressToStore } from "./address-to-store.ts";
import { createAssignedTimes } from "./assigned-times.ts";
import { viewId } from "./view-id.ts";
import { type TimeSource, viewTime } from "./view-time.ts";

export type EnrichSettings = { storeIp: "off" | "truncated" | "full"; storeUserAgent: boolean };

/** What is known about a view besides its body. */
export type ViewContext = {
  viewerIdentifier: string;
  /** The viewer's address and user agent, as this service sees them or as a trusted server names them. */
  address: string | undefined;
  userAgent: string | undefined;
  /** Whether a host is the website's own, which is no referrer. */
  isOwnHost: IsOwnHost;
  now: Date;
  /** Whose time `viewedAt` is. */
  timeSource: TimeSource;
};

/** Makes the view that is queued. */
export type EnrichView = (posted: PostedView, context: ViewContext) => ViewEvent;

/**
 * Gives a view its id, its time, and what can be told of it only now; and leaves out what must not be stored, because
 * the queue and its files are storage too.
 */
export function createEnrichView(
  { storeIp, storeUserAgent }: EnrichSettings,
  { enrich }: Enricher,
): EnrichView {
  const assignedTimes = createAssignedTimes();
  return (posted, { viewerIdentifier, address, userAgent, isOwnHost, now, timeSource }) => {
    const time = viewTime(posted, { now, source: timeSource });
    const { id, modelId } = posted;
    const { replaced } = time;
    const viewedAt = time.isOurs && id !== undefined ? assignedTimes.of({ modelId, id }, now) : time.viewedAt;
    const ipAddress = addressToStore(address, storeIp);
    const { referrer, path } = posted;
    return {
      id: id ?? viewId(viewedAt),
      modelId,
      viewerIdentifier,
      viewedAt: viewedAt.toISOString(),
      ...(replaced ? { viewedAtReplaced: true } : {}),
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(storeUserAgent && userAgent !== undefined
        ? { userAgent: userAgent.slice(0, USER_AGENT_CHARS_MAX) }
        : {}),
      ...enrich({ userAgent, address, referrer, path, isOwnHost }),
      ...(posted.automated === true ? { isBot: true as const } : {}),
    };
  };
}
