import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import type { modelViews } from "../schema.ts";

/** The name that schema.ts gives to the column of a view's field; an error where schema.ts has no such column. */
type ColumnOf<Field extends keyof ViewEvent> = (typeof modelViews)[Field]["_"]["name"];

/** The column of each field of a view: its name, its type, and the value for an absent field (null by default). */
const COLUMNS: { readonly [Field in keyof ViewEvent]-?: readonly [ColumnOf<Field>, string, false?] } = {
  id: ["id", "uuid"],
  modelId: ["model_id", "uuid"],
  viewerIdentifier: ["viewer_identifier", "varchar"],
  viewedAt: ["viewed_at", "timestamptz"],
  viewedAtReplaced: ["viewed_at_replaced", "boolean", false],
  ipAddress: ["ip_address", "varchar"],
  userAgent: ["user_agent", "text"],
  country: ["country", "varchar"],
  device: ["device", "text"],
  browser: ["browser", "text"],
  os: ["os", "text"],
  referrerHost: ["referrer_host", "text"],
  utmSource: ["utm_source", "text"],
  utmMedium: ["utm_medium", "text"],
  utmCampaign: ["utm_campaign", "text"],
  isBot: ["is_bot", "boolean", false],
};

/** The same as a list, with the name of the field. */
export const VIEW_COLUMNS = (Object.keys(COLUMNS) as (keyof ViewEvent)[]).map((field) => {
  const [column, type, absent = null] = COLUMNS[field];
  return { column, type, field, absent };
});
