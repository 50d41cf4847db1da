import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { z } from "zod";
import { readAddress } from "../contracts/address.ts";
import { isLoopbackAddress } from "./credentials.ts";
import { forwardedFor } from "./forwarded.ts";
import { networksSchema } from "./networks.ts";

const PROXIES_MAX = 10;

/**
 * Whether a hop is one of our proxies, so that we trust it to name its client.
 *
 * @param address of the hop; undefined if the previous hop named no address.
 * @param hop its distance: 0 is the other end of the connection.
 */
export type TrustProxy = ((address: string | undefined, hop: number) => boolean) & {
  /** Number of trusted hops, if they are given by number and not by network. */
  hops?: number;
};

export const trustNone: TrustProxy = () => false;

/**
 * `TRUST_PROXY`: the number of proxies in front, or their networks (CIDR, comma separated). There is no value for "all
 * proxies": then any client could name an address of its choice in `X-Forwarded-For`.
 */
export const trustProxySchema = z.string().transform((value, context): TrustProxy => {
  if (/^\d+$/.test(value) && Number(value) <= PROXIES_MAX) {
    const proxies = Number(value);
    if (proxies === 0) return trustNone;
    return Object.assign((_address: string | undefined, hop: number) => hop < proxies, { hops: proxies });
  }
  const networks = networksSchema.safeParse(value);
  if (networks.success) {
    const inNetworks = networks.data;
    return (address) => address !== undefined && inNetworks(address);
  }
  context.addIssue({
    code: "custom",
    message: `must be a number of proxies (0 to ${PROXIES_MAX}) or networks like 10.0.0.0/8, separated by commas`,
  });
  return z.NEVER;
});

const HEADER_NAME = /^[a-z\d-]+$/;
const LISTS = ["x-forwarded-for", "forwarded"];

/** `CLIENT_ADDRESS_HEADER`: a header in which a CDN names only the client, such as `CF-Connecting-IP`. */
export const clientAddressHeaderSchema = z
  .string()
  .transform((name) => name.trim().toLowerCase())
  .refine((name) => HEADER_NAME.test(name) && !LISTS.includes(name), {
    error: `must be the name of a header with one address, such as CF-Connecting-IP; ${LISTS.join(" and ")} are read without it`,
  });

/**
 * A warning about `TRUST_PROXY` when the service starts. Undefined if there is none, for example because only this machine
 * can reach the service.
 *
 * @param host that the service listens on.
 */
export function trustAdvice({ hops }: TrustProxy, host: string): string | undefined {
  if (hops === undefined || isLoopbackAddress(host) || host === "localhost") return undefined;
  return (
    `TRUST_PROXY=${hops} also trusts clients that reach ${host} directly: such a client names an address of its choice, and passes ` +
    "every limit. Let only the proxies reach this port, or give their networks instead, like 10.0.0.0/8"
  );
}

/** Whether a trusted proxy is configured, if the header is. */
export function hasProxyForHeader(config: {
  CLIENT_ADDRESS_HEADER?: string | undefined;
  TRUST_PROXY: TrustProxy;
}): boolean {
  return config.CLIENT_ADDRESS_HEADER === undefined || config.TRUST_PROXY !== trustNone;
}

export const HEADER_WITHOUT_PROXY = {
  path: ["CLIENT_ADDRESS_HEADER"],
  error: "is trusted only from a proxy, and TRUST_PROXY names none",
};

/**
 * Finds the client's address in its canonical form. Undefined if the connection is gone. Headers count only from a
 * trusted proxy, in this order:
 *
 * 1. `header`, if it is configured and contains an address;
 * 2. `X-Forwarded-For`, or `Forwarded` if there is no such header: backwards through the trusted proxies, to the first hop
 *    that is not trusted. A hop without an address is skipped if it is trusted by its number. Otherwise the search ends
 *    there, and the client is the last hop that had an address.
 */
export function clientAddressBehind(
  trusts: TrustProxy,
  header?: string,
): (request: IncomingMessage) => string | undefined {
  return ({ headers, socket }) => {
    const peer = readAddress(socket.remoteAddress ?? "");
    if (peer === undefined || !trusts(peer, 0)) return peer;
    const named = header === undefined ? undefined : readAddress(lastOf(headers[header]));
    return named ?? firstUntrusted(hopsOf(headers), peer, trusts);
  };
}

function firstUntrusted(hops: readonly string[], peer: string, trusts: TrustProxy): string {
  let client = peer;
  for (const [index, text] of hops.toReversed().entries()) {
    const address = readAddress(text);
    client = address ?? client;
    if (!trusts(address, index + 1)) break;
  }
  return client;
}

/** The hops that the proxies name, the nearest one last. Several headers of a name arrive as one, with commas. */
function hopsOf(headers: IncomingHttpHeaders): string[] {
  const list = String(headers["x-forwarded-for"] ?? "")
    .split(",")
    .filter((text) => text.trim() !== "");
  return list.length > 0 ? list : forwardedFor(headers.forwarded ?? "");
}

/** If the client sent the header too, its value comes before the proxy's. */
function lastOf(value: string | string[] | undefined): string {
  return (
    String(value ?? "")
      .split(",")
      .at(-1) ?? ""
  );
}
