import { hash } from "node:crypto";
import { type PostedView, postedViewSchema } from "@model-views/shared/contracts/views.ts";
import type { Hit } from "./hit.ts";

const { ipAddress, userAgent } = postedViewSchema.shape;
/** Its host, which is at its beginning, is all that ingest reads of it. */
const REFERRER_CHARS_MAX = 2_000;

/**
 * The view to post, without what ingest would leave out (a host name for an address, the end of a user agent of 2,000
 * characters). What of it is stored, ingest's privacy settings decide.
 */
export function viewOf(hit: Hit, id: string, modelId: string): PostedView {
  const { host, campaign } = hit;
  return {
    id,
    modelId,
    viewedAt: hit.viewedAt.toISOString(),
    viewerId: viewerIdOf(hit),
    ipAddress: ipAddress.parse(hit.address),
    userAgent: userAgent.parse(hit.userAgent),
    referrer: hit.referrer?.slice(0, REFERRER_CHARS_MAX),
    // Its host is no referrer, and its campaign is all that is stored of it.
    ...(host === undefined && campaign === undefined ? {} : { path: pageOf(hit) }),
  };
}

function pageOf({ host, campaign }: Hit): string {
  return `${host === undefined ? "" : `https://${host}`}/${campaign === undefined ? "" : `?${campaign}`}`;
}

/** Whoever has the same address and user agent is the same viewer. Ingest salts this hash and hashes it again. */
function viewerIdOf({ address, userAgent = "" }: Hit): string {
  return hash("sha256", `${address}\n${userAgent}`, "hex");
}
