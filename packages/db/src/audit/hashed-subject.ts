import { hash } from "node:crypto";

/** A viewer as `audit_log` names it: the SHA-256 of the identifier in hex, by which `erased_viewers` knows it too. */
export function hashedSubject(viewerIdentifier: string): string {
  return hash("sha256", viewerIdentifier, "hex");
}
