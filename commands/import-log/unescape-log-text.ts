const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ESCAPE = /\\(?:x([\dA-Fa-f]{2})|([bnrtv"\\]))/g;
const BYTES: Record<string, number> = { b: 8, n: 10, r: 13, t: 9, v: 11, '"': 34, "\\": 92 };

/**
 * Undoes what Apache (`\"`, `\\`, `\t`, `\xe4`) and nginx (`\x22`) do to a quoted field. Bytes that are no UTF-8
 * stay escaped, as they stand in the log: replaced by U+FFFD, two different paths could become one.
 */
export function unescapeLogText(text: string): string {
  if (!text.includes("\\")) return text;
  const parts: Buffer[] = [];
  let end = 0;
  for (const { 0: escaped, 1: hex, 2: letter = "", index } of text.matchAll(ESCAPE)) {
    const byte = hex === undefined ? (BYTES[letter] ?? 0) : Number.parseInt(hex, 16);
    parts.push(Buffer.from(text.slice(end, index)), Buffer.of(byte));
    end = index + escaped.length;
  }
  parts.push(Buffer.from(text.slice(end)));
  try {
    return utf8.decode(Buffer.concat(parts));
  } catch {
    return text;
  }
}
