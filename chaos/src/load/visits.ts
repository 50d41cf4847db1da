import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";

/** What a page's visitor brings along, and what is to be stored of it. */
export type Visit = {
  userAgent: string | undefined;
  referrer: string | undefined;
  path: string | undefined;
  stored: Omit<ViewEvent, "id" | "modelId" | "viewerIdentifier" | "viewedAt" | "ipAddress">;
};

const WINDOWS =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0";
const GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

/** Few, each with every kind of field once: what is compared is that they stay together and unchanged. */
export const VISITS: readonly Visit[] = [
  {
    userAgent: WINDOWS,
    referrer: "https://www.search.example/find?q=models",
    path: "/models/1?utm_source=letter&utm_medium=email&utm_campaign=Herbst%20%F0%9F%8D%82",
    stored: {
      userAgent: WINDOWS,
      device: "desktop",
      browser: "Chrome",
      os: "Windows",
      referrerHost: "search.example",
      utmSource: "letter",
      utmMedium: "email",
      utmCampaign: "Herbst 🍂",
    },
  },
  {
    userAgent: IPHONE,
    referrer: "https://social.example/",
    path: "/models/2",
    stored: {
      userAgent: IPHONE,
      device: "mobile",
      browser: "Safari",
      os: "iOS",
      referrerHost: "social.example",
    },
  },
  {
    userAgent: MAC,
    referrer: undefined,
    path: undefined,
    stored: { userAgent: MAC, device: "desktop", browser: "Firefox", os: "macOS" },
  },
  {
    userAgent: GOOGLEBOT,
    referrer: undefined,
    path: undefined,
    stored: { userAgent: GOOGLEBOT, browser: "Googlebot", isBot: true },
  },
  { userAgent: undefined, referrer: undefined, path: undefined, stored: {} },
];
