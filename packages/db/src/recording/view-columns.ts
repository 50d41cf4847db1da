import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

/** Each column of `model_views`: its name, its type, the view's field, and what stands for an absent one. */
export const VIEW_COLUMNS: readonly (readonly [
  column: string,
  type: string,
  field: keyof ViewEvent,
  absent?: false,
])[] = [
  ["id", "uuid", "id"],
  ["model_id", "uuid", "modelId"],
  ["viewer_identifier", "varchar", "viewerIdentifier"],
  ["viewed_at", "timestamptz", "viewedAt"],
  ["viewed_at_replaced", "boolean", "viewedAtReplaced", false],
  ["ip_address", "varchar", "ipAddress"],
  ["user_agent", "text", "userAgent"],
  ["country", "varchar", "country"],
  ["device", "text", "device"],
  ["browser", "text", "browser"],
  ["os", "text", "os"],
  ["referrer_host", "text", "referrerHost"],
  ["utm_source", "text", "utmSource"],
  ["utm_medium", "text", "utmMedium"],
  ["utm_campaign", "text", "utmCampaign"],
  ["is_bot", "boolean", "isBot", false],
];
