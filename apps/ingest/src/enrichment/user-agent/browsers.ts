import Bowser from "bowser";
import type { Words } from "./words.ts";

export type BrowserWords = Words & { name: string };

/**
 * Browsers, and apps with a window of their own, which bowser takes for what they are made of, such as Chrome. The first
 * whose words are there is it.
 */
export const BROWSERS: readonly BrowserWords[] = [
  {
    name: "Yandex Browser",
    words: /\bYaBrowser\/|\bYaSearchBrowser\/|\bYaApp_|\bYandexSearch\//,
    of: "Yandex' browser and its search app",
    example: "YaSearchBrowser/25.45.1",
  },
  {
    name: "Huawei Browser",
    words: /\bHuaweiBrowser\//,
    of: "on phones and tablets of Huawei",
    example: "HuaweiBrowser/15.0.9.300",
  },
  {
    name: "Honor Browser",
    words: /\bHonorBrowser\/|\bbdhonorbrowser\//i,
    of: "on phones of Honor",
    example: "HonorBrowser/6.0",
  },
  { name: "Opera GX", words: /\bOPX\//, of: "on phones; on desktops it says Opera", example: "OPX/3.0" },
  {
    name: "DuckDuckGo",
    words: /\b(?:DuckDuckGo|Ddg)\/\d/,
    of: "on Android, iOS and Macs",
    example: "Mobile DuckDuckGo/5",
  },
  {
    name: "Meta Quest Browser",
    words: /\bOculusBrowser\//,
    of: "in headsets of Meta",
    example: "OculusBrowser/32.1.0.37.133",
  },
  {
    name: "Pico Browser",
    words: /\bPico ?Browser\//,
    of: "in headsets of Pico",
    example: "PicoBrowser/3.3.38",
  },
  { name: "Wolvic", words: /\bWolvic\//, of: "in headsets", example: "Wolvic/1.5" },
  {
    name: "Brave",
    words: /\bBrave(?:\/| Chrome\/)/i,
    of: "old versions; since 2017 it says that it is Chrome",
    example: "Brave Chrome/83.0.4103.116",
  },
  { name: "Ecosia", words: /\bEcosia\b/, of: "on phones", example: "(Ecosia ios@11.5.1)" },
  { name: "Aloha", words: /\bAlohaBrowser\/|\bAloha\//, of: "on phones", example: "AlohaBrowser/5.10.4" },
  {
    name: "Coc Coc",
    words: /\bcoc_coc_browser\/|\bCoc_Coc\//i,
    of: "made in Vietnam",
    example: "coc_coc_browser/138.0",
  },
  { name: "Quark", words: /\bQuark\//, of: "made in China, on phones", example: "Quark/6.0.8.236" },
  { name: "Phoenix", words: /\bPHX\/|\bPhoenix\//, of: "on phones of Transsion", example: "PHX/11.1" },
  { name: "Hi Browser", words: /\bHiBrowser\//, of: "on phones of Transsion", example: "HiBrowser/v2.6.4.1" },
  {
    name: "Seznam Browser",
    words: /\bSznProhlizec\//,
    of: "made in Czechia",
    example: "SznProhlizec/11.3.0",
  },
  {
    name: "Waterfox",
    words: /\bWaterfox\//,
    of: "made of Firefox",
    example: "Firefox/115.0 Waterfox/6.0.18",
  },
  {
    name: "Falkon",
    words: /\bFalkon\//,
    of: "on KDE",
    example: "QtWebEngine/5.15.17 Falkon/24.12.3 Chrome/87.0",
  },
  { name: "AVG Secure Browser", words: /\bAVG\//, of: "on desktops", example: "AVG/131.0.27894.0" },
  { name: "Norton Private Browser", words: /\bNorton\//, of: "on desktops", example: "Norton/131.0.27894.0" },
  { name: "Avast Secure Browser", words: /\bAvast\//, of: "on desktops", example: "Avast/131.0.27894.0" },
  {
    name: "Mint Browser",
    words: /\bMint ?Browser\//,
    of: "on phones of Xiaomi",
    example: "XiaoMi/Mint Browser/3.6.0",
  },
  {
    name: "HeyTap Browser",
    words: /\b(?:HeyTap|Oppo)Browser\//,
    of: "on phones of Oppo",
    example: "OppoBrowser/25.5.1.9",
  },
  { name: "Maxthon", words: /\bMxBrowser\//, of: "on Android", example: "MxBrowser/4.3.6.2000" },
  {
    name: "Odin",
    words: /\bOdin\/\d/,
    of: "on televisions of Hisense and Toshiba",
    example: "Odin/88.4324.2.10",
  },
  { name: "TV Bro", words: /^TV Bro\//, of: "on televisions", example: "TV Bro/1.0 Mozilla/5.0" },
  { name: "Konqueror", words: /\bKonqueror\//, of: "on KDE", example: "Konqueror/4.11" },

  // Apps that open pages in a window of their own.
  {
    name: "Instagram",
    words: /\bInstagram \d/,
    of: "on Android and iOS",
    example: "Instagram 400.0.0.20.92 (iPhone15,2;",
  },
  {
    name: "Threads",
    words: /\bBarcelona \d/,
    of: "on Android and iOS: the app's first name",
    example: "Barcelona 370.0.0.28.109",
  },
  {
    name: "Messenger",
    words: /\bFBAN\/Messenger|\bFB_IAB\/(?:MESSENGER|Orca)/,
    of: "Facebook's, on Android and iOS",
    example: "[FB_IAB/MESSENGER;FBAV/114.0.0.21.71;]",
  },
  {
    name: "Facebook",
    words: /\bFBA[NV]\/|\bFB_IAB\/|\bMetaIAB\b|\bFBIOS\b/,
    of: "on Android and iOS",
    example: "[FB_IAB/FB4A;FBAV/24.0.0.30.15;]",
  },
  {
    name: "TikTok",
    words: /\bmusical_ly_|\btrill_\d|\bBytedanceWebview\/|\bTikTok\b/,
    of: "on Android and iOS",
    example: "musical_ly_2023006040",
  },
  { name: "Snapchat", words: /\bSnapchat\/?/, of: "on Android and iOS", example: "Snapchat/12.60.0.44" },
  {
    name: "Pinterest",
    words: /\[Pinterest\/|\bPinterest for\b/,
    of: "on Android and iOS",
    example: "[Pinterest/iOS]",
  },
  {
    name: "LinkedIn",
    words: /\bLinkedInApp\b/,
    of: "on Android and iOS",
    example: "[LinkedInApp]/9.30.1234",
  },
  {
    name: "Twitter",
    words: /\bTwitter(?:Android| for i)/,
    of: "X, which still says so",
    example: "Twitter for iPhone/10.31",
  },
  {
    name: "Reddit",
    words: /\bReddit(?:Android|IOS)?\//i,
    of: "on Android and iOS",
    example: "Reddit/Version 2025.03.0",
  },
  { name: "LINE", words: /\bLine\/\d/, of: "on Android and iOS", example: "Line/12.10.1/IAB" },
  {
    name: "Yahoo Japan",
    words: /\bYJApp-/,
    of: "on Android and iOS",
    example: "YJApp-IOS jp.co.yahoo.ipn.appli/4.150.0",
  },
  { name: "KakaoTalk", words: /\bKAKAOTALK\b/, of: "on Android and iOS", example: "KAKAOTALK 2309520" },
  {
    name: "Naver",
    words: /\bNAVER\(/,
    of: "on Android and iOS",
    example: "NAVER(inapp; search; 900; 11.2.5)",
  },
  { name: "QQ", words: /\bQQ\/\d/, of: "on Android and iOS", example: "QQ/8.3.6.618" },
  { name: "Alipay", words: /\bAlipayClient\//, of: "on Android and iOS", example: "AlipayClient/10.3.20" },
  {
    name: "Weibo",
    words: /\b(?:__)?[Ww]eibo(?:__|\b)/,
    of: "on Android and iOS",
    example: "Weibo (iPhone14,3__weibo__13.1.2",
  },
  {
    name: "Baidu",
    words: /\bbaiduboxapp\b|\bbaidubrowser\b|\bBIDUBrowser\b|\bbdbrowser/i,
    of: "Baidu's search app and browser",
    example: "baiduboxapp/13.10.0.10",
  },
  {
    name: "Bing",
    words: /\bBingSapphire\//,
    of: "Microsoft's app, on Android and iOS",
    example: "BingSapphire/32.7.4401",
  },
  {
    name: "DingTalk",
    words: /\bDingTalk\//,
    of: "on phones and desktops",
    example: "AliApp(DingTalk/7.0.40)",
  },
  {
    name: "Sogou Browser",
    words: /\bSogouSearch\b/,
    of: "Sogou's app",
    example: "SogouSearch Android1.0 version3.0",
  },
  {
    name: "VK",
    words: /\bVKAndroidApp\/|\bVKiOSApp\b|\bcom\.vk\./,
    of: "on Android and iOS",
    example: "VKAndroidApp/8.30",
  },
  {
    name: "Google Search",
    words: /\bG(?:SA|oogleApp)\/\d/,
    of: "Google's app, on Android and iOS",
    example: "GSA/390.0.820000000",
  },
];

/** Which of bowser's families are bots. */
const BOTS_NAME = /bot$|spider$|crawler$|slurp$|-user$|external|webindexer/i;

/**
 * bowser's families. It takes the first word of a user agent that it does not know for the browser's name, and that
 * is any text at all: such a name is no family, and is left out.
 */
const FAMILIES: ReadonlySet<string> = new Set([
  ...Object.values(Bowser.BROWSER_MAP),
  "Miui",
  "Opera Touch",
  "PlayStation 4",
]);

/** The name of a person's browser or app; undefined when the user agent says none that is known. */
export function browserOf(userAgent: string): string | undefined {
  const own = BROWSERS.find(({ words }) => words.test(userAgent))?.name;
  if (own !== undefined) return own;
  const family = familyOf(userAgent);
  // A person's browser is none, though bowser may name one.
  return family !== undefined && BOTS_NAME.test(family) ? undefined : family;
}

/** The name of a bot, where bowser knows it. */
export function botsNameOf(userAgent: string): string | undefined {
  const family = familyOf(userAgent);
  return family !== undefined && BOTS_NAME.test(family) ? family : undefined;
}

function familyOf(userAgent: string): string | undefined {
  const name = Bowser.getParser(userAgent, true).getBrowserName();
  return FAMILIES.has(name) ? name : undefined;
}
