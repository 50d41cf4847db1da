import { hash } from "node:crypto";

/**
 * The SHA-256 of a viewer's identifier in UTF-8: the only trace that `erased_viewers` keeps of an erased viewer. (Recording
 * hashes in SQL, because it hashes few of many.)
 */
export function viewerHash(viewerIdentifier: string): Buffer {
  return hash("sha256", viewerIdentifier, "buffer");
}

/** The same in hex: the subject of an action on a viewer in `audit_log`. */
export function hashedSubject(viewerIdentifier: string): string {
  return viewerHash(viewerIdentifier).toString("hex");
}
