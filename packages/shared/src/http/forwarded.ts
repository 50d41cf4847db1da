/** Elements of the header, and the pairs of one: what is between quotes may hold a comma or a semicolon. */
const ELEMENTS = /(?:[^,"]|"(?:[^"\\]|\\.)*")+/g;
const PAIRS = /(?:[^;"]|"(?:[^"\\]|\\.)*")+/g;
const FOR = /^for\s*=(.*)$/is;
/** Characters of a header that a chain of ten proxies with IPv6 addresses may write; a longer one is not read. */
const HEADER_CHARS_MAX = 2_000;
/** The whole of it, with every quote closed. */
const WELL_QUOTED = /^(?:[^"]|"(?:[^"\\]|\\.)*")*$/;

/**
 * What each proxy says whom its request was from (`for`), by a header `Forwarded` (RFC 7239): the one nearest to the
 * client first, and `""` where a proxy does not say. Nothing of a header with a quote that is not closed: a client
 * could hide in it what a proxy of ours adds behind.
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
