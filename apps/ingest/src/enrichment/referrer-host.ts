/** Characters of a host: a DNS name has at most 253. */
const HOST_CHARS_MAX = 255;
const HTTP = /^\s*https?:/i;
/** Not of `www.com`, which is a site as well. */
const WWW = /^www\.(?=.+\.)/;

/**
 * The host of a web address: in lower case, internationalised names in ASCII (`xn--…`), without port and `www.`.
 * Undefined for what is no http(s) address, and for a host of more than 255 characters.
 */
export function hostOf(url: string): string | undefined {
  if (!HTTP.test(url)) return undefined;
  const hostname = URL.parse(url)?.hostname.replace(/\.$/, "").replace(WWW, "");
  return hostname === undefined || hostname === "" || hostname.length > HOST_CHARS_MAX ? undefined : hostname;
}

/**
 * Which other site led to the page: its host only, because paths and queries name people. Undefined when none did,
 * or when it was the same site.
 *
 * @param isOwnHost asked with the host, as `hostOf` gives it.
 */
export function referrerHost(
  referrer: string | undefined,
  isOwnHost: (host: string) => boolean,
): string | undefined {
  const host = referrer === undefined ? undefined : hostOf(referrer);
  return host === undefined || isOwnHost(host) ? undefined : host;
}
