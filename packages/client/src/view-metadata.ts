/** What a website's server knows about who views, besides the viewer. What is null, undefined or empty is left out. */
export type ViewMetadata = {
  /** One IPv4 or IPv6 address. Anything else (such as a whole `X-Forwarded-For`) is left out, not to lose the view. */
  ipAddress?: string | null | undefined;
  /** Cut off after 1,024 characters. */
  userAgent?: string | null | undefined;
  /** Address of the page before this one. Cut off after 2,000 characters. */
  referrer?: string | null | undefined;
  /** Path of the profile page, with its query string. Cut off after 2,000 characters. */
  path?: string | null | undefined;
};

/** As ingest takes it. */
const USER_AGENT_CHARS_MAX = 1_024;
/** More than any page needs, and far less than ingest takes. */
const URL_CHARS_MAX = 2_000;

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** The fields of a posted view, each one that ingest would take. */
export function metadataFields({
  ipAddress,
  userAgent,
  referrer,
  path,
}: ViewMetadata): Record<string, string> {
  return {
    ...(isIpAddress(ipAddress) ? { ipAddress } : {}),
    ...textField("userAgent", userAgent, USER_AGENT_CHARS_MAX),
    ...textField("referrer", referrer, URL_CHARS_MAX),
    ...textField("path", path, URL_CHARS_MAX),
  };
}

function isIpAddress(value: unknown): value is string {
  if (typeof value !== "string") return false;
  return IPV4.test(value) || (/^[0-9a-f:.]+$/i.test(value) && URL.canParse(`http://[${value}]`));
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
