import { z } from "zod";
import { storableText } from "./text.ts";
import type { ViewEvent } from "./view-event.ts";
import { VIEWER_IDENTIFIER_CHARS_MAX } from "./views.ts";

export const viewerIdentifierSchema = storableText(VIEWER_IDENTIFIER_CHARS_MAX)
  .min(1)
  .describe("The viewer as stored: what `viewerIdentifier` of a posted view was, or the salted hash");

const storedViewSchema = z.object({
  id: z.guid(),
  modelId: z.guid(),
  viewerIdentifier: z.string(),
  viewedAt: z.iso.datetime(),
  viewedAtReplaced: z.boolean(),
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  country: z.string().nullable(),
  device: z.string().nullable(),
  browser: z.string().nullable(),
  os: z.string().nullable(),
  referrerHost: z.string().nullable(),
  utmSource: z.string().nullable(),
  utmMedium: z.string().nullable(),
  utmCampaign: z.string().nullable(),
  isBot: z.boolean(),
} satisfies Record<keyof ViewEvent, z.ZodType>);

/** `GET /v1/viewers/:viewerIdentifier`: everything that is stored about a viewer. */
export const viewerExportSchema = z.object({
  viewerIdentifier: z.string(),
  views: z.array(storedViewSchema).describe("By time"),
  models: z
    .array(
      z.object({
        modelId: z.guid(),
        views: z.int(),
        firstViewedAt: z.iso.datetime(),
        lastViewedAt: z.iso.datetime(),
      }),
    )
    .describe("How often each model was viewed, including views that retention has removed"),
  rejectedViews: z
    .array(
      z.object({
        view: z.unknown(),
        reason: z.string(),
        message: z.string().nullable(),
        rejectedAt: z.iso.datetime(),
      }),
    )
    .describe("Views that could not be stored, as they were sent, with the reason"),
  viewerNumbers: z
    .array(z.object({ viewerNumber: z.int() }))
    .describe(
      "The number that stands for the viewer in the audiences of days that are over, if there is one",
    ),
  asOf: z.iso.datetime(),
});

/** `DELETE /v1/viewers/:viewerIdentifier`: what was removed. */
export const erasedViewerSchema = z.object({
  viewerIdentifier: z.string(),
  erased: z.object({ views: z.int(), rejectedViews: z.int(), models: z.int() }),
  until: z.iso.datetime().describe("Views until this time are not stored when they come later"),
  asOf: z.iso.datetime(),
});
