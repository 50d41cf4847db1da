import { hash } from "node:crypto";

/** The cookie with a viewer's random id. */
export const VIEWER_COOKIE = "viewer_id";
/** Seconds for which a viewer is recognised: one year. */
export const VIEWER_COOKIE_SECONDS = 31_536_000;

/** What is stored for a viewer: `sha256(id + salt)` in hex, 64 characters. Without the salt it does not lead back to the id. */
export function viewerIdentifierOf(viewerId: string, salt: string): string {
  return hash("sha256", viewerId + salt, "hex");
}
