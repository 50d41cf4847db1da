import { z } from "zod";
import { VIEWER_IDENTIFIER_CHARS_MAX } from "./views.ts";

/**
 * A view as it travels from ingest to the worker: complete, stamped once, with nothing in it that the privacy
 * settings forbid to store. Fields that are absent are stored as null (or false).
 */
export const viewEventSchema = z.object({
  id: z.guid(),
  modelId: z.guid(),
  viewerIdentifier: z.string().min(1).max(VIEWER_IDENTIFIER_CHARS_MAX),
  /** ISO 8601 instant in UTC. With `modelId` and `id` it is the view's identity. */
  viewedAt: z.iso.datetime(),
  /** The sender's time was implausible, and `viewedAt` is the server's clock. */
  viewedAtReplaced: z.literal(true).optional(),
  ipAddress: z.string().max(45).optional(),
  userAgent: z.string().optional(),
  country: z.string().length(2).optional(),
  device: z.string().optional(),
  browser: z.string().optional(),
  os: z.string().optional(),
  referrerHost: z.string().optional(),
  utmSource: z.string().optional(),
  utmMedium: z.string().optional(),
  utmCampaign: z.string().optional(),
  isBot: z.literal(true).optional(),
});
export type ViewEvent = z.infer<typeof viewEventSchema>;
