import { parseAccepted } from "./answers.ts";
import { callService } from "./call-service.ts";
import { type CallOptions, callOptions, type Settings } from "./config.ts";
import { checkModelId } from "./uuid.ts";
import { uuidV7 } from "./uuid-v7.ts";
import { metadataFields, type ViewMetadata } from "./view-metadata.ts";

/** A view as it is posted. It has an id, so it counts once when it is posted twice. */
export type PostedView = { modelId: string; id: string; viewedAt: string };

/**
 * Makes a view with the current time. Ingest recognises a null viewer for the day, by address and user agent.
 *
 * @throws {ModelViewsError} `invalid-argument` when `modelId` is not a UUID.
 */
export function makeView(
  modelId: string,
  viewerIdentifier: string | null,
  metadata: ViewMetadata = {},
): PostedView {
  checkModelId(modelId, "modelId");
  const now = Date.now();
  return {
    modelId,
    ...(viewerIdentifier === null ? {} : { viewerIdentifier }),
    id: uuidV7(now),
    viewedAt: new Date(now).toISOString(),
    ...metadataFields(metadata),
  };
}

/** Posts a view as the website's server. */
export function postView(
  { ingest, call }: Settings,
  body: PostedView,
  options: CallOptions = {},
): Promise<{ success: boolean }> {
  const write = { method: "POST", body } as const;
  return callService(ingest, { path: "/v1/views", write, parse: parseAccepted }, callOptions(call, options));
}
