import { readIpAddress } from "./ip-address.ts";
import { type RequestHeaders, readHeader } from "./request-headers.ts";

/** What a website's server can add to a view, besides the viewer. Null, undefined and empty values are left out. */
export type ViewMetadata = {
  /**
   * The visitor's address, also as a proxy writes it: with a port, in brackets, in a list. A value that is not an address
   * is left out, so the view is not lost.
   */
  ipAddress?: string | null | undefined;
  /** Cut off after 1,024 characters. */
  userAgent?: string | null | undefined;
  /** Address of the page before this one. Cut off after 2,000 characters. */
  referrer?: string | null | undefined;
  /** Path of the profile page, with its query string. Cut off after 2,000 characters. */
  path?: string | null | undefined;
};

/** The limit of ingest. */
const USER_AGENT_CHARS_MAX = 1_024;
/** More than any page needs, and far below the limit of ingest. */
const URL_CHARS_MAX = 2_000;

/**
 * Reads the metadata of a view from the headers of the request for its page.
 *
 * `addressHeader` names the header in which your own proxy puts the visitor's address, such as `x-real-ip`. The proxy must
 * always set it itself, because any visitor can send any header. Without `addressHeader` no address is read.
 *
 * @example
 * ```ts
 * const metadata = viewMetadata(request.headers, { addressHeader: "x-real-ip", path: "/models/anna" });
 * await modelViews.trackModelView(model.id, viewer, metadata);
 * ```
 */
export function viewMetadata(
  headers: RequestHeaders,
  { addressHeader, path }: { addressHeader?: string | undefined; path?: string | undefined } = {},
): ViewMetadata {
  return {
    ipAddress: addressHeader && readIpAddress(readHeader(headers, addressHeader.toLowerCase())),
    userAgent: readHeader(headers, "user-agent"),
    referrer: readHeader(headers, "referer"),
    path,
  };
}

/** The fields of a posted view, with values that ingest accepts. */
export function metadataFields({
  ipAddress,
  userAgent,
  referrer,
  path,
}: ViewMetadata): Record<string, string> {
  const address = readIpAddress(ipAddress);
  return {
    ...(address === undefined ? {} : { ipAddress: address }),
    ...textField("userAgent", userAgent, USER_AGENT_CHARS_MAX),
    ...textField("referrer", referrer, URL_CHARS_MAX),
    ...textField("path", path, URL_CHARS_MAX),
  };
}

/** Without NUL and halves of a surrogate pair, which PostgreSQL cannot store and ingest refuses. */
function textField(name: string, value: unknown, charsMax: number): Record<string, string> {
  if (typeof value !== "string" || value === "") return {};
  const text = value
    .slice(0, charsMax)
    .replaceAll("\0", "")
    .replace(/[\ud800-\udfff]/gu, "");
  return { [name]: text };
}
