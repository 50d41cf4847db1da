/**
 * A new UUIDv7 (RFC 9562, section 5.7), which contains its time, in milliseconds since 1970. `crypto.randomUUID` makes
 * version 4, and is missing on pages without HTTPS.
 */
export function uuidV7(nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, "0");
  let random = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(9))) random += (byte | 256).toString(16).slice(1);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-a${random.slice(3, 6)}-${random.slice(6)}`;
}
