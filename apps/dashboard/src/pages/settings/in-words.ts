import type { ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";

type Settings = ServiceStatus["settings"];

const ADDRESSES: Readonly<Record<string, string>> = {
  off: "No address of a viewer is stored.",
  truncated: "Addresses of viewers are stored without their last part.",
  full: "Addresses of viewers are stored as they are.",
};

/** What ingest stores of viewers, in sentences. None when it is not known. */
export function privacySentences(settings: Settings | undefined): string[] {
  if (settings === undefined) return [];
  return [
    settings["VIEWER_MODE"] === "cookieless"
      ? "No cookie is set: a viewer is known for a day."
      : "A cookie of the website tells viewers apart.",
    settings["HONOUR_PRIVACY_SIGNALS"] === true
      ? "Sec-GPC and DNT are honoured: such a viewer gets no cookie."
      : "Sec-GPC and DNT are not honoured.",
    ADDRESSES[String(settings["STORE_IP"])] ?? "",
    settings["STORE_USER_AGENT"] === true
      ? "User agents are stored as they are."
      : "No user agent is stored.",
    settings["needsPageToken"] === true
      ? "Views of browsers need a page token."
      : "Views of browsers need no token.",
  ].filter((sentence) => sentence !== "");
}

/** For how long the worker keeps what, in sentences. None when it is not known. */
export function retentionSentences(settings: Settings | undefined): string[] {
  if (settings === undefined) return [];
  const days = settings["RETENTION_DAYS"];
  return [
    days === 0
      ? "Views are kept for ever."
      : `Views are kept for ${days} days, month by month; the statistics of days that are over stay.`,
    `Views of models that do not exist are kept for ${settings["UNKNOWN_MODEL_DAYS"]} days, ${settings["UNKNOWN_MODEL_VIEWS_MAX"]} at most.`,
  ];
}
