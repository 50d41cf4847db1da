import { isUtf8 } from "node:buffer";

/**
 * The text of a line's bytes. Bytes that are no UTF-8 come out as Apache would write them, `\xe9`: replaced by U+FFFD, two
 * different paths would become one.
 */
export function lineText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at] ?? 0);
    const sequence = bytes.subarray(at, at + length);
    if (length > 0 && sequence.length === length && isUtf8(sequence)) {
      text += sequence.toString("utf8");
      at += length;
    } else {
      text += `\\x${bytes.toString("hex", at, at + 1)}`;
      at += 1;
    }
  }
  return text;
}

/** Bytes of the character that begins so; 0 where none does. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}
