import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

/** The advertisement or post that led to the page, as its link says. */
export type Campaign = Pick<ViewEvent, "utmSource" | "utmMedium" | "utmCampaign">;

/** Characters of a value; what is longer is cut off. */
const UTM_CHARS_MAX = 255;

/**
 * The `utm_source`, `utm_medium` and `utm_campaign` of a path with its query: decoded, without white space around
 * them, storable as they are. Of one that is given twice the first counts; one that is empty is left out.
 */
export function campaignOf(path: string): Campaign {
  const utm = utmQueryOf(path);
  if (utm === "") return {};
  const parameters = new URLSearchParams(utm);
  const campaign: Campaign = {};
  const source = storable(parameters.get("utm_source"));
  const medium = storable(parameters.get("utm_medium"));
  const name = storable(parameters.get("utm_campaign"));
  if (source !== "") campaign.utmSource = source;
  if (medium !== "") campaign.utmMedium = medium;
  if (name !== "") campaign.utmCampaign = name;
  return campaign;
}

/** The part of the query that matters here, so that the rest, which may be thousands of parameters, is not decoded. */
function utmQueryOf(path: string): string {
  const [beforeHash = ""] = path.split("#", 1);
  const query = beforeHash.indexOf("?");
  if (query === -1 || !beforeHash.includes("utm_", query)) return "";
  return beforeHash
    .slice(query + 1)
    .split("&")
    .filter((parameter) => parameter.startsWith("utm_"))
    .join("&");
}

/** Decoding leaves no lone surrogate, but `%00` is a NUL, which PostgreSQL refuses; and the cut can halve a pair. */
function storable(value: string | null): string {
  if (value === null) return "";
  const text = value.replaceAll("\0", "").trim().slice(0, UTM_CHARS_MAX);
  return (text.isWellFormed() ? text : text.slice(0, -1)).trimEnd();
}
