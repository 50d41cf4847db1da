/** The query of an address, as the router keeps it: texts by name. */
export type Search = Readonly<Record<string, string>>;

/** Characters that may stand in a query as they are, and that read better so. */
const READABLE: Readonly<Record<string, string>> = { "%2C": ",", "%2F": "/", "%3A": ":", "%20": "+" };

/** Reads `?range=28d&country=DE`. Of a name that comes twice, the last one counts. */
export function parseSearch(query: string): Search {
  return Object.fromEntries(new URLSearchParams(query));
}

/** Writes what {@link parseSearch} reads, without JSON: names in their order, and values as people write them. */
export function writeSearch(search: Readonly<Record<string, unknown>>): string {
  const parts = Object.entries(search)
    .filter((entry): entry is [string, string] => typeof entry[1] === "string")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function encode(text: string): string {
  // Half of a surrogate pair, which a cut text may have, cannot be encoded.
  return encodeURIComponent(text.toWellFormed()).replace(
    /%(?:2C|2F|3A|20)/g,
    (code) => READABLE[code] ?? code,
  );
}
