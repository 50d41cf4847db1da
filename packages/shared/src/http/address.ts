import { isIP } from "node:net";

/** Characters that an address with its zone, quotes, brackets and port may have; what is longer is none. */
const CHARS_MAX = 128;
const QUOTED = /^(["'])(.*)\1$/;
const BRACKETED = /^\[(.*)\](?::[\w.-]*)?$/;
/** A port, or what RFC 7239 (section 6.3) lets a proxy write in its place. */
const PORT = /:(?:\d{1,5}|_[\w.-]+)$/;
/** Of an IPv6 address: the network interface of the machine that wrote it (RFC 4007). */
const ZONE = /%.*$/;
/** An IPv4 address inside an IPv6 one (RFC 4291, section 2.5.5.2), as URLs write it. */
const IPV4_INSIDE = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;

/**
 * An IP address, however a proxy writes it: with a port, in brackets, in quotes, with a zone, an IPv4 address inside an
 * IPv6 one, with white space around it. Undefined for anything else: a host name, `unknown`, `_hidden`.
 *
 * Equal addresses come out as equal strings: IPv4 in four decimal numbers, IPv6 as RFC 5952 writes it.
 */
export function readAddress(text: string): string | undefined {
  if (isIP(text) === 4) return text;
  if (text.length > CHARS_MAX) return undefined;
  const bare = text.trim().replace(QUOTED, "$2").trim();
  const [, inBrackets] = BRACKETED.exec(bare) ?? [];
  // As a whole first: `2001:db8::443` may end like a port, and is an address.
  return inBrackets === undefined
    ? (canonical(bare) ?? canonical(bare.replace(PORT, "")))
    : canonical(inBrackets);
}

/** The first address of a list with commas in between, as `X-Forwarded-For` is: the one nearest to the viewer. */
export function readFirstAddress(list: string): string | undefined {
  for (const text of list.split(",")) {
    const address = readAddress(text);
    if (address !== undefined) return address;
  }
  return undefined;
}

function canonical(text: string): string | undefined {
  const address = text.includes(":") ? text.replace(ZONE, "") : text;
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : undefined;
  // URLs have one spelling of each IPv6 address (https://url.spec.whatwg.org/#concept-ipv6-serializer).
  const ipv6 = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [, high, low] = IPV4_INSIDE.exec(ipv6) ?? [];
  return high === undefined || low === undefined ? ipv6 : [...bytesOf(high), ...bytesOf(low)].join(".");
}

function bytesOf(group: string): [number, number] {
  const number = Number.parseInt(group, 16);
  return [number >> 8, number & 0xff];
}
