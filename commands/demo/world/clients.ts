import { pickerOf } from "./pick.ts";

/** What viewers view with: a user agent, and what ingest's enrichment finds in it (a test compares the two). */
export type Client = {
  weight: number;
  userAgent: string;
  device?: string;
  browser?: string;
  os?: string;
  isBot?: true;
};

const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)";
const BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)";
const IPHONE = `Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) ${WEBKIT}`;
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64";

/** Inside an app: what a link of the app opens in. */
export const INSTAGRAM_APP: Client = {
  weight: 4,
  userAgent: `${IPHONE} Mobile/15E148 Instagram 402.0.0.29.84 (iPhone15,3; iOS 18_6; en_US; en; scale=3.00; 1290x2796; 785210045)`,
  device: "mobile",
  browser: "Instagram",
  os: "iOS",
};

/** The first two are phones. */
export const BROWSERS: readonly Client[] = [
  {
    weight: 27,
    userAgent: `${IPHONE} Version/18.6 Mobile/15E148 Safari/604.1`,
    device: "mobile",
    browser: "Safari",
    os: "iOS",
  },
  {
    weight: 21,
    userAgent: `Mozilla/5.0 (Linux; Android 10; K) ${BLINK} Chrome/142.0.0.0 Mobile Safari/537.36`,
    device: "mobile",
    browser: "Chrome",
    os: "Android",
  },
  {
    weight: 4,
    userAgent: `Mozilla/5.0 (Linux; Android 14; SM-S918B) ${BLINK} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36`,
    device: "mobile",
    browser: "Samsung Internet for Android",
    os: "Android",
  },
  INSTAGRAM_APP,
  {
    weight: 15,
    userAgent: `${WINDOWS}) ${BLINK} Chrome/142.0.0.0 Safari/537.36`,
    device: "desktop",
    browser: "Chrome",
    os: "Windows",
  },
  {
    weight: 6,
    userAgent: `${WINDOWS}) ${BLINK} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`,
    device: "desktop",
    browser: "Microsoft Edge",
    os: "Windows",
  },
  {
    weight: 4,
    userAgent: `${WINDOWS}; rv:145.0) Gecko/20100101 Firefox/145.0`,
    device: "desktop",
    browser: "Firefox",
    os: "Windows",
  },
  {
    weight: 9,
    userAgent: `${MAC} ${WEBKIT} Version/18.6 Safari/605.1.15`,
    device: "desktop",
    browser: "Safari",
    os: "macOS",
  },
  {
    weight: 6,
    userAgent: `${MAC} ${BLINK} Chrome/142.0.0.0 Safari/537.36`,
    device: "desktop",
    browser: "Chrome",
    os: "macOS",
  },
  {
    weight: 3,
    userAgent: `Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) ${WEBKIT} Version/18.6 Mobile/15E148 Safari/604.1`,
    device: "tablet",
    browser: "Safari",
    os: "iOS",
  },
  {
    weight: 1,
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    device: "desktop",
    browser: "Firefox",
    os: "Linux",
  },
];

export const BOTS: readonly Client[] = [
  {
    weight: 5,
    userAgent: "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    browser: "Googlebot",
    isBot: true,
  },
  {
    weight: 2,
    userAgent: "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    browser: "BingCrawler",
    isBot: true,
  },
  {
    weight: 2,
    userAgent: `Mozilla/5.0 ${BLINK.replace(")", "; compatible; GPTBot/1.2; +https://openai.com/gptbot)")}`,
    browser: "GPTBot",
    isBot: true,
  },
  {
    weight: 1,
    userAgent: "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    isBot: true,
  },
];

export const pickBrowser = pickerOf(BROWSERS);
export const pickPhone = pickerOf([...BROWSERS.slice(0, 2), { ...INSTAGRAM_APP, weight: 20 }]);
export const pickBot = pickerOf(BOTS);
