import { hash } from "node:crypto";
import { type PostedView, postedViewSchema } from "@model-views/shared/views.ts";
import type { z } from "zod";
import type { Hit } from "./parse-line.ts";
import { modelIdOf } from "./view-ids.ts";

const { ipAddress, referrer, userAgent } = postedViewSchema.shape;

/**
 * The view to post. What ingest's validators would refuse (a host name for an address, a user agent of 2,000
 * characters) is left out, rather than lose the view. What of it is stored, ingest's privacy settings decide.
 */
export function viewOf(hit: Hit, id: string): PostedView {
  return {
    id,
    modelId: modelIdOf(hit.path),
    viewedAt: hit.viewedAt.toISOString(),
    viewerId: viewerIdOf(hit),
    ipAddress: validOnly(ipAddress, hit.address),
    userAgent: validOnly(userAgent, hit.userAgent),
    referrer: validOnly(referrer, hit.referrer),
  };
}

/** Whoever has the same address and user agent is the same viewer. Ingest salts this hash and hashes it again. */
function viewerIdOf({ address, userAgent = "" }: Hit): string {
  return hash("sha256", `${address}\n${userAgent}`, "hex");
}

function validOnly(schema: z.ZodType, value: string | undefined): string | undefined {
  return schema.safeParse(value).success ? value : undefined;
}
