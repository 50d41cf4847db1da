import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { campaignOf } from "./campaign.ts";
import type { CountryOf } from "./country.ts";
import type { IsOwnHost } from "./own-hosts.ts";
import { referrerHost } from "./referrer-host.ts";
import type { IsSpamReferrer } from "./referrer-spam.ts";
import { rememberRecent } from "./remember-recent.ts";
import { clipUserAgent, parseUserAgent } from "./user-agent/parse-user-agent.ts";

/** User agents that are remembered: of 1,024 characters at most, so 10 to 20 MB at most. */
const USER_AGENTS_MAX = 10_000;

/** What is known about a view besides who viewed what and when. What is not known is left out. */
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
   * The viewer's user agent. An empty one is a bot's: pass `""` for a browser's request that has none. Undefined means
   * that it is not known: a server that reports a view without one does not make it a bot's.
   */
  userAgent: string | undefined;
  /** The viewer's exact address: looked up, and not kept. */
  address: string | undefined;
  /** Address of the page before. */
  referrer: string | undefined;
  /** Path of the page, with its query. */
  path: string | undefined;
  /** Whether a host is the website's own, which is no referrer, and no spam. */
  isOwnHost: IsOwnHost;
};

export type Enricher = { enrich: (sources: EnrichmentSources) => Enrichment };

/**
 * Derives what the database cannot derive later, because user agent, address and the referrer's path are not stored.
 * Never throws, uses no network and does not wait: some 3 µs for a user agent that is remembered.
 */
export function createEnricher({
  countryOf,
  isSpamReferrer,
  userAgentsMax = USER_AGENTS_MAX,
}: {
  countryOf: CountryOf;
  isSpamReferrer: IsSpamReferrer;
  userAgentsMax?: number;
}): Enricher {
  const ofUserAgent = rememberRecent(userAgentsMax, parseUserAgent);
  return {
    enrich({ userAgent, address, referrer, path, isOwnHost }) {
      const facts: Enrichment = {
        ...(userAgent === undefined ? undefined : ofUserAgent(clipUserAgent(userAgent))),
        ...(path === undefined ? undefined : campaignOf(path)),
      };
      const country = address === undefined ? undefined : countryOf(address);
      const host = referrerHost(referrer, isOwnHost);
      if (country !== undefined) facts.country = country;
      if (host !== undefined) {
        facts.referrerHost = host;
        // Kept like a bot's view, and left out like one unless it is asked for.
        if (isSpamReferrer(host)) facts.isBot = true;
      }
      return facts;
    },
  };
}
