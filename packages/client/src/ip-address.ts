const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The longest entry of a list, in characters. A longer one is not an address, and is not parsed. */
const ENTRY_CHARS_MAX = 256;

/** Networks that the internet does not reach: in a list, such an address is a proxy's. */
const PRIVATE =
  /^(?:0|10|127|169\.254|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|^::1?$|^f[cd]|^fe[89ab]/i;

/**
 * The visitor's address in a header as proxies write it: with a port, in brackets, quoted, with an IPv6 zone, as a list
 * (`X-Forwarded-For`) or as `for=` of `Forwarded` (RFC 7239). Undefined when there is none in it.
 *
 * Of several addresses it is the last public one: each proxy adds the address it sees at the end, and the visitor can have
 * sent what stands before. If none is public it is the first.
 */
export function readIpAddress(header: string | null | undefined): string | undefined {
  if (typeof header !== "string") return undefined;
  const addresses = header
    .split(",")
    .filter((entry) => entry.length <= ENTRY_CHARS_MAX)
    .map((entry) => cleanIpAddress(forwardedFor(entry)))
    .filter((address) => address !== undefined);
  return addresses.filter((address) => !PRIVATE.test(address)).at(-1) ?? addresses[0];
}

/** The value of `for=` in one element of `Forwarded`, or the whole text. */
function forwardedFor(entry: string): string {
  return /(?:^|;)\s*for\s*=\s*("[^"]*"|[^;]*)/i.exec(entry)?.[1] ?? entry;
}

function cleanIpAddress(text: string): string | undefined {
  const bare = text.trim().replace(/^"|"$/g, "").trim();
  // 203.0.113.9:80 and [2001:db8::1]:80; some also write 2001:db8:0:0:0:0:0:1:80.
  const candidates = [bare, bare.replace(/^\[([^\]]*)\](?::\d*)?$/, "$1"), bare.replace(/:\d*$/, "")];
  for (const candidate of candidates) {
    const address = candidate.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
    if (isIpAddress(address)) return address;
  }
  return undefined;
}

function isIpAddress(text: string): boolean {
  return (
    IPV4.test(text) || (/^[0-9a-f:.]+$/i.test(text) && text.includes(":") && URL.canParse(`http://[${text}]`))
  );
}
