import { lineText } from "./line-text.ts";

/** Bytes of a line. A longer one is none of a log (servers refuse such requests), and would have to be held whole. */
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
 * Splits bytes into lines, holding no more than one line and one chunk. The last line needs no newline; for bytes
 * that are no UTF-8 see {@link lineText}.
 */
export async function* logLines(
  chunks: AsyncIterable<Buffer>,
  { lineBytesMax = LINE_BYTES_MAX }: { lineBytesMax?: number } = {},
): AsyncGenerator<LogLine> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let number = 0;

  function keep(part: Buffer): void {
    if (begunBytes < lineBytesMax) begun.push(part.subarray(0, lineBytesMax - begunBytes));
    begunBytes += part.length;
  }
  function finish(): LogLine {
    const bytes = begun.length === 1 && begun[0] !== undefined ? begun[0] : Buffer.concat(begun);
    const isWhole = begunBytes <= lineBytesMax;
    begun = [];
    begunBytes = 0;
    number++;
    return { number, text: textOf(bytes, number), isWhole };
  }

  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end));
      yield finish();
      start = end + 1;
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (begunBytes > 0) yield finish();
}

/** Editors on Windows put a byte order mark before the first line and a carriage return after each. */
function textOf(bytes: Buffer, number: number): string {
  const text = lineText(bytes).replace(/\r$/, "");
  return number === 1 ? text.replace(/^\uFEFF/, "") : text;
}
