import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { BlockList } from "node:net";

/** What a request proves about its sender. */
export type Credentials = {
  /** The header `Authorization`. */
  authorization: string | undefined;
  /** The SHA-256 hash of a key whose knowledge a session proves; undefined without one. */
  keyHash?: Buffer | undefined;
  /** The address of the other end of the connection. */
  remoteAddress: string | undefined;
  /** Whether it names this machine in `Host` and came through no proxy, as far as its headers show. */
  isDirect: () => boolean;
};

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** `localhost`, a name below it, or a loopback address, each with a port or without. */
const LOOPBACK_HOST = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** Headers in which proxies write the client's address. */
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

/** Other headers that proxies add. */
const PROXY_HEADERS = [
  ...CLIENT_ADDRESS_HEADERS,
  "via",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-forwarded-server",
  "x-original-host",
];

/** The credentials of a request, for a key check. */
export function credentialsOf({
  headers,
  httpVersion,
  socket,
}: Pick<IncomingMessage, "headers" | "httpVersion" | "socket">): Credentials {
  return {
    authorization: headers.authorization,
    remoteAddress: socket.remoteAddress,
    // nginx by default uses HTTP/1.0 and adds no header. Programs on this machine use 1.1.
    isDirect: () => httpVersion !== "1.0" && isLoopbackHost(headers.host) && !hasPassedProxy(headers),
  };
}

/** Whether an address, in any of Node's spellings, belongs to this machine. */
export function isLoopbackAddress(address: string | undefined): boolean {
  return address !== undefined && loopback.check(address, address.includes(":") ? "ipv6" : "ipv4");
}

/** Whether a header `Host` names this machine itself, and no name that anyone else can point here. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK_HOST.test(host);
}

function hasPassedProxy(headers: IncomingHttpHeaders): boolean {
  return PROXY_HEADERS.some((name) => headers[name] !== undefined);
}
