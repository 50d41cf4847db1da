import { isUtf8 } from "node:buffer";

/** Bytes of a line. Servers refuse requests as long as this, so a longer line is not one of a log. */
const LINE_BYTES_MAX = 65_536;
const NEWLINE = 10;

/** One line, without its end. */
export type LogLine = {
  /** Counted from 1. */
  number: number;
  text: string;
  /** False for a line that was too long: `text` is its beginning. */
  isWhole: boolean;
};

/**
 * Splits bytes into lines. No more than one line and one chunk are in memory. The last line needs no newline; for bytes
 * that are not UTF-8 see {@link textOf}.
 */
export async function* logLines(
  chunks: AsyncIterable<Buffer>,
  { lineBytesMax = LINE_BYTES_MAX }: { lineBytesMax?: number } = {},
): AsyncGenerator<LogLine> {
  let parts: Buffer[] = [];
  let partBytes = 0;
  let number = 0;

  function add(part: Buffer): void {
    if (partBytes < lineBytesMax) parts.push(part.subarray(0, lineBytesMax - partBytes));
    partBytes += part.length;
  }
  function finish(): LogLine {
    const bytes = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    const isWhole = partBytes <= lineBytesMax;
    parts = [];
    partBytes = 0;
    number++;
    return { number, text: withoutMarks(textOf(bytes), number), isWhole };
  }

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      add(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) add(chunk.subarray(start));
  }
  if (partBytes > 0) yield finish();
}

/** Editors on Windows put a byte order mark before the first line and a carriage return after each. */
function withoutMarks(line: string, number: number): string {
  const text = line.replace(/\r$/, "");
  return number === 1 ? text.replace(/^\uFEFF/, "") : text;
}

/**
 * The text of a line's bytes. Bytes that are not UTF-8 are written as Apache does it, `\xe9`: replaced by U+FFFD, two
 * different paths would become one.
 */
function textOf(bytes: Buffer): string {
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

/** Bytes of the character that begins with this one; 0 where no character does. */
function sequenceLength(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2) return 0;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  return first < 0xf5 ? 4 : 0;
}
