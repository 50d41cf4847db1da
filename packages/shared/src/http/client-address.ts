import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { z } from "zod";
import { readAddress } from "./address.ts";
import { isLoopbackAddress } from "./credentials.ts";
import { forwardedFor } from "./forwarded.ts";
import { networksSchema } from "./networks.ts";

const PROXIES_MAX = 10;

/**
 * Whether a hop is a proxy of ours, which is believed whom its request was from.
 *
 * @param address of the hop; undefined where what the hop before said of it is no address.
 * @param hop how many hops it is away: 0 is the other end of the connection.
 */
export type TrustProxy = ((address: string | undefined, hop: number) => boolean) & {
  /** How many hops are believed, where they are told by number and not by network. */
  hops?: number;
};

export const trustNobody: TrustProxy = () => false;

/**
 * `TRUST_PROXY`: how many proxies stand in front, or which networks they are in (CIDR, comma separated). Never
 * "all of them": then any client could name an address of its choice in `X-Forwarded-For`.
 */
export const trustProxySchema = z.string().transform((value, context): TrustProxy => {
  if (/^\d+$/.test(value) && Number(value) <= PROXIES_MAX) {
    const proxies = Number(value);
    if (proxies === 0) return trustNobody;
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

/** `CLIENT_ADDRESS_HEADER`: a header in which a CDN names the client alone, such as `CF-Connecting-IP`. */
export const clientAddressHeaderSchema = z
  .string()
  .transform((name) => name.trim().toLowerCase())
  .refine((name) => HEADER_NAME.test(name) && !LISTS.includes(name), {
    error: `must be the name of a header with one address, such as CF-Connecting-IP; ${LISTS.join(" and ")} are read without it`,
  });

/**
 * What the owner should know of `TRUST_PROXY` when the service starts; undefined when there is nothing to say, also where
 * only this machine reaches it.
 *
 * @param host that the service listens on.
 */
export function trustAdvice({ hops }: TrustProxy, host: string): string | undefined {
  if (hops === undefined || isLoopbackAddress(host) || host === "localhost") return undefined;
  return (
    `TRUST_PROXY=${hops} believes whoever reaches ${host} directly: such a client names an address of its choice, and passes ` +
    "every limit. Let only the proxies reach this port, or give their networks instead, like 10.0.0.0/8"
  );
}

/** Whether the header, where it is set, has a proxy that can be believed. */
export function hasProxyForHeader(config: {
  CLIENT_ADDRESS_HEADER?: string | undefined;
  TRUST_PROXY: TrustProxy;
}): boolean {
  return config.CLIENT_ADDRESS_HEADER === undefined || config.TRUST_PROXY !== trustNobody;
}

export const HEADER_WITHOUT_PROXY = {
  path: ["CLIENT_ADDRESS_HEADER"],
  error: "is believed of a trusted proxy alone, and TRUST_PROXY names none",
};

/**
 * Finds the client's address: canonical, and undefined where the connection is gone. Headers are believed only of a
 * trusted proxy, and in this order:
 *
 * 1. `header`, where it is given and holds an address;
 * 2. `X-Forwarded-For`, or `Forwarded` where there is no such header: back from us, through the proxies that are
 *    trusted, to the first hop that is not. What is no address there is passed over where the number of proxies says
 *    that it is one of ours, and ends the way otherwise: then the client is the last hop that had an address.
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

/** What the proxies say, the nearest of them last. Several headers of a name arrive as one, with commas. */
function hopsOf(headers: IncomingHttpHeaders): string[] {
  const list = String(headers["x-forwarded-for"] ?? "")
    .split(",")
    .filter((text) => text.trim() !== "");
  return list.length > 0 ? list : forwardedFor(headers.forwarded ?? "");
}

/** A client that sends the header as well comes before the proxy. */
function lastOf(value: string | string[] | undefined): string {
  return (
    String(value ?? "")
      .split(",")
      .at(-1) ?? ""
  );
}
