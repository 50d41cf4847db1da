/** Elements of the header, and the pairs in an element. A quoted part may contain a comma or a semicolon. */
const ELEMENTS = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const PAIRS = /(?:[^;"]|"(?:[^"\\]|\\.)*")+/g;
const FOR = /^for\s*=(.*)$/is;
/** Enough characters for a chain of ten proxies with IPv6 addresses. A longer header is not read. */
const HEADER_CHARS_MAX = 2_000;
/** A header whose quotes are all closed. */
const WELL_QUOTED = /^(?:[^"]|"(?:[^"\\]|\\.)*")*$/;

/**
 * The client (`for`) that each proxy names in a header `Forwarded` (RFC 7239), the one nearest to the client first; `""`
 * where a proxy names none. Empty for a header with an unclosed quote, in which a client could hide what our proxy adds
 * after it.
 */
export function forwardedFor(header: string): string[] {
  if (header.length > HEADER_CHARS_MAX || !WELL_QUOTED.test(header)) return [];
  const elements = header.match(ELEMENTS) ?? [];
  return elements.filter((element) => element.trim() !== "").map(forOf);
}

function forOf(element: string): string {
  for (const pair of element.match(PAIRS) ?? []) {
    const [, value] = FOR.exec(pair.trim()) ?? [];
    if (value !== undefined)
      return value
        .trim()
        .replace(/^"(.*)"$/s, "$1")
        .replaceAll(/\\(.)/gs, "$1");
  }
  return "";
}
