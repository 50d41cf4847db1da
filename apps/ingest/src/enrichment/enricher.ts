import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { LRUCache } from "lru-cache";
import { campaignOf } from "./campaign.ts";
import type { CountryOf } from "./country.ts";
import { type IsOwnHost, referrerHost } from "./referrer.ts";
import type { IsSpamReferrer } from "./referrer-spam.ts";
import { clipUserAgent, parseUserAgent, type UserAgentDetails } from "./user-agent/parse-user-agent.ts";

/** User agents in memory: of at most 1,024 characters, so 10 to 20 MB at most. */
const USER_AGENTS_MAX = 10_000;

/** What is derived from a view's request. Anything unknown is left out. */
export type Enrichment = Pick<
  ViewEvent,
  | "country"
  | "device"
  | "browser"
  | "os"
  | "referrerHost"
  | "utmSource"
  | "utmMedium"
  | "utmCampaign"
  | "isBot"
>;

export type EnrichmentSources = {
  /**
   * The viewer's user agent. An empty one is a bot's: pass `""` for a browser's request without one. Undefined means
   * unknown: a server that reports a view without a user agent does not make it a bot's.
   */
  userAgent: string | undefined;
  /** The viewer's exact address. It is looked up and not stored. */
  address: string | undefined;
  /** Address of the previous page. */
  referrer: string | undefined;
  /** Path of the page, with its query. */
  path: string | undefined;
  /** Whether a host is the website's own: such a host is neither a referrer nor spam. */
  isOwnHost: IsOwnHost;
};

export type Enricher = { enrich: (sources: EnrichmentSources) => Enrichment };

/**
 * Derives what cannot be derived later, because user agent, address and the referrer's path are not stored. Never
 * throws, uses no network and does not wait. Takes about 3 µs for a user agent that is in memory.
 */
export function createEnricher({
  countryOf,
  isSpamReferrer,
  parse = parseUserAgent,
  userAgentsMax = USER_AGENTS_MAX,
}: {
  countryOf: CountryOf;
  isSpamReferrer: IsSpamReferrer;
  parse?: (userAgent: string) => UserAgentDetails;
  userAgentsMax?: number;
}): Enricher {
  const parsed = new LRUCache<string, UserAgentDetails>({ max: userAgentsMax });

  /** Reading a user agent takes a hundred times longer than looking up what was read before. */
  function detailsOf(userAgent: string): UserAgentDetails {
    const cached = parsed.get(userAgent);
    if (cached !== undefined) return cached;
    const details = parse(userAgent);
    parsed.set(userAgent, details);
    return details;
  }

  return {
    enrich({ userAgent, address, referrer, path, isOwnHost }) {
      const enrichment: Enrichment = {
        ...(userAgent === undefined ? undefined : detailsOf(clipUserAgent(userAgent))),
        ...(path === undefined ? undefined : campaignOf(path)),
      };
      const country = address === undefined ? undefined : countryOf(address);
      const host = referrerHost(referrer, isOwnHost);
      if (country !== undefined) enrichment.country = country;
      if (host !== undefined) {
        enrichment.referrerHost = host;
        // Stored like a bot's view, and left out of statistics unless bots are asked for.
        if (isSpamReferrer(host)) enrichment.isBot = true;
      }
      return enrichment;
    },
  };
}
