/** `http://host`, and the path if there is one. */
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/[^/]+(\/.*)?$/is;

/**
 * The path of a request's target, without query string and fragment; undefined when it has none. Percent-encoding
 * and dots stay as they were asked for: the log does not say which of them the website takes for the same.
 */
export function pathOf(target: string): string | undefined {
  const [address = ""] = target.split(/[?#]/, 1);
  if (address.startsWith("/")) return address;
  const absolute = ABSOLUTE.exec(address);
  return absolute === null ? undefined : (absolute[1] ?? "/");
}
