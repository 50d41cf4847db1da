import { hash } from "node:crypto";

/** Cookie that holds a viewer's random id. */
export const VIEWER_COOKIE = "viewer_id";
/** Seconds a viewer is remembered: one year. */
export const VIEWER_COOKIE_SECONDS = 31_536_000;

/** What is stored for a viewer: `sha256(id + salt)` in hex, 64 characters, which cannot be led back to the id without the salt. */
export function viewerIdentifierOf(viewerId: string, salt: string): string {
  return hash("sha256", viewerId + salt, "hex");
}
