import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BlockList } from "node:net";

/** Who is asking. */
export type Credentials = {
  /** The header `Authorization`. */
  authorization: string | undefined;
  /** The address of the other end of the connection. */
  remoteAddress: string | undefined;
  /** Asked by a name of this machine, and by no proxy, as far as the request tells. */
  isDirect: () => boolean;
};

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** `localhost`, a name below it, or a loopback address, each with a port or without. */
const LOOPBACK_HOST = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** What proxies write the client's address into. */
export const CLIENT_ADDRESS_HEADERS = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "cf-connecting-ip",
  "true-client-ip",
  "fastly-client-ip",
  "fly-client-ip",
  "do-connecting-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-azure-clientip",
] as const;

/** What else proxies add. */
const PROXY_HEADERS = [
  ...CLIENT_ADDRESS_HEADERS,
  "via",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-server",
  "x-original-host",
];

/** Who asks, for a key check. */
export function credentialsOf({
  headers,
  httpVersion,
  socket,
}: Pick<IncomingMessage, "headers" | "httpVersion" | "socket">): Credentials {
  return {
    authorization: headers.authorization,
    remoteAddress: socket.remoteAddress,
    // nginx, unless told otherwise, speaks HTTP/1.0 and adds no header; programs on this machine speak 1.1.
    isDirect: () => httpVersion !== "1.0" && isLoopbackHost(headers.host) && !hasPassedProxy(headers),
  };
}

/** Whether an address, however Node writes it, is this machine's own. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && loopback.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

/** Whether a header `Host` names this machine itself: no name that somebody else can point here. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_HOST.test(host);
}

function hasPassedProxy(headers: IncomingHttpHeaders): boolean {
  return PROXY_HEADERS.some((name) => headers[name] !== undefined);
}
