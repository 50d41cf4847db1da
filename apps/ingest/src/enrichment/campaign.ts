import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

/** The advertisement or post that led to the page, as named in its link. */
export type Campaign = Pick<ViewEvent, "utmSource" | "utmMedium" | "utmCampaign">;

/** Characters of a value. Longer ones are cut off. */
const UTM_CHARS_MAX = 255;

/**
 * The `utm_source`, `utm_medium` and `utm_campaign` of a path with its query: decoded, trimmed and safe to store. If a
 * parameter occurs twice, the first counts. Empty ones are left out.
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

/** The parameters of interest, undecoded. The query may have thousands of others, which need no decoding. */
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

/** Decoding yields no lone surrogates, but `%00` is a NUL, which PostgreSQL refuses, and the cut can halve a pair. */
function storable(value: string | null): string {
  if (value === null) return "";
  const text = value.replaceAll("\0", "").trim().slice(0, UTM_CHARS_MAX);
  return (text.isWellFormed() ? text : text.slice(0, -1)).trimEnd();
}
