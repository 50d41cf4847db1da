import { readAddress, readFirstAddress } from "@model-views/shared/http/address.ts";

/** Who asked, and on which of the server's hosts where the log says so. */
export type Client = { address: string; host: string | undefined };

/** `www.example.org`, also with a port. */
const HOST = /^(?:[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.)*[a-z\d_](?:[a-z\d_-]*[a-z\d_])?\.?(?::\d{1,5})?$/i;
const PORT = /:\d{1,5}$/;

/**
 * The client of a line, from what stands before its time: `client ident user`, or with the virtual host in front (Apache's
 * `vhost_combined`, Debian's other_vhosts_access.log; nginx's `$host`), with and without its port. A client that is a list, as
 * `X-Forwarded-For` is, is its first address. Where the server looked up names the client is one.
 *
 * Undefined where nobody is named, or nobody can tell whether it is the client or the server: a host must not become a viewer.
 */
export function clientOf(beforeTime: string): Client | undefined {
  const words = beforeTime.trim().split(/ +/);
  const [first = "", second = "", third] = words;
  const address = readFirstAddress(first.replace(/^"/, ""));
  const behind = readFirstAddress(second);
  // A server that was asked by its address stands in front of the client as well; in a list each but the last has a comma.
  const isHost = HOST.test(first) || address !== undefined;
  if (behind !== undefined && isHost && !first.endsWith(","))
    return { address: behind, host: first.replace(PORT, "") };
  if (address !== undefined) return { address, host: undefined };
  if (!HOST.test(first)) return undefined;
  // Only a server's name has a port here. Behind it stands the client's name, where the server looked it up.
  if (PORT.test(first)) {
    return third !== undefined && isName(second)
      ? { address: second, host: first.replace(PORT, "") }
      : undefined;
  }
  // A name alone, then ident, which almost nobody uses, and user.
  return isName(first) && second === "-" ? { address: first, host: undefined } : undefined;
}

function isName(word: string): boolean {
  return HOST.test(word) && !PORT.test(word) && readAddress(word) === undefined;
}
