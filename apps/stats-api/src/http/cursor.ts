/** Where the next page begins, as text that nobody takes for something to build by hand. */
export function writeCursor(afterId: string): string {
  return Buffer.from(afterId).toString("base64url");
}

/** Reads what {@link writeCursor} wrote; anything else reads as nonsense, which the caller's schema refuses. */
export function readCursor(cursor: string): string {
  return Buffer.from(cursor, "base64url").toString();
}
