import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import type { IdentifiedView } from "./views.ts";

/** The view as ingest would put it on the queue: with the salted viewer, and what enrichment finds. */
export function viewEvent(
  { id, at, model, viewer, client, source, isSuspect }: IdentifiedView,
  salt: string,
): ViewEvent {
  const { device, browser, os } = client;
  const { referrerHost, utmSource, utmMedium, utmCampaign } = source ?? {};
  return {
    id,
    modelId: model.id,
    viewerIdentifier: viewerIdentifierOf(viewer.id, salt),
    viewedAt: new Date(at).toISOString(),
    country: viewer.country.code,
    ...(device === undefined ? {} : { device }),
    ...(browser === undefined ? {} : { browser }),
    ...(os === undefined ? {} : { os }),
    ...(referrerHost === undefined ? {} : { referrerHost }),
    ...(utmSource === undefined ? {} : { utmSource }),
    ...(utmMedium === undefined ? {} : { utmMedium }),
    ...(utmCampaign === undefined ? {} : { utmCampaign }),
    ...(client.isBot === true || isSuspect ? { isBot: true as const } : {}),
  };
}
