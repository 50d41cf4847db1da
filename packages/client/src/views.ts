import { parseAccepted } from "./answers.ts";
import { askService } from "./ask-service.ts";
import { type CallOptions, callOptions, type Settings } from "./config.ts";
import { checkModelId } from "./uuid.ts";
import { uuidV7 } from "./uuid-v7.ts";
import { metadataFields, type ViewMetadata } from "./view-metadata.ts";

/** A view as it is posted. It has an id, so that a second post of it counts once. */
export type PostedView = { modelId: string; id: string; viewedAt: string };

/**
 * Makes a view of this moment. A null viewer is known for the day, by address and user agent.
 *
 * @throws {ModelViewsError} `invalid-argument` when the model's id is no UUID.
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
  return askService(ingest, { path: "/v1/views", write, parse: parseAccepted }, callOptions(call, options));
}
