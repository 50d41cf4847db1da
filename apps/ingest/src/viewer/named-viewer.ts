import { viewerIdentifierOf } from "@model-views/shared/viewer-identifier.ts";
import type { PostedView } from "@model-views/shared/views.ts";
import type { ViewerSettings } from "./viewer-of.ts";

/** The viewer that a server names, by the website's own id or as stored; undefined when it names none. */
export function namedViewer(
  { viewerIdentifier, viewerId }: Pick<PostedView, "viewerIdentifier" | "viewerId">,
  { salt }: Pick<ViewerSettings, "salt">,
): string | undefined {
  return viewerIdentifier ?? (viewerId === undefined ? undefined : viewerIdentifierOf(viewerId, salt));
}
