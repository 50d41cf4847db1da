import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clipUserAgent, parseUserAgent } from "../src/enrichment/user-agent/parse-user-agent.ts";

const CHROME = "(KHTML, like Gecko) Chrome/142.0.0.0";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
const ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const IPAD = "Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

describe("a browser", () => {
  test.for<[string, string, string]>([
    ["Chrome on Windows", `${WINDOWS} ${CHROME} Safari/537.36`, "desktop Chrome Windows"],
    ["Chrome on a Mac", `${MAC} AppleWebKit/537.36 ${CHROME} Safari/537.36`, "desktop Chrome macOS"],
    [
      "Chrome on Linux",
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${CHROME} Safari/537.36`,
      "desktop Chrome Linux",
    ],
    [
      "Chrome on a Chromebook",
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 ${CHROME} Safari/537.36`,
      "desktop Chrome Chrome OS",
    ],
    ["Chrome on a phone", `${ANDROID} ${CHROME} Mobile Safari/537.36`, "mobile Chrome Android"],
    ["Chrome on an Android tablet", `${ANDROID} ${CHROME} Safari/537.36`, "tablet Chrome Android"],
    ["Chrome on an iPhone", `${IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`, "mobile Chrome iOS"],
    [
      "Firefox on Windows",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "desktop Firefox Windows",
    ],
    [
      "Firefox on a Mac",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
      "desktop Firefox macOS",
    ],
    [
      "Firefox on a phone",
      "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
      "mobile Firefox Android",
    ],
    ["Firefox on an iPad", `${IPAD} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`, "tablet Firefox iOS"],
    [
      "Firefox on FreeBSD",
      "Mozilla/5.0 (X11; FreeBSD amd64; rv:145.0) Gecko/20100101 Firefox/145.0",
      "desktop Firefox FreeBSD",
    ],
    [
      "Safari on a Mac",
      `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`,
      "desktop Safari macOS",
    ],
    ["Safari on an iPhone", `${IPHONE} Version/26.1 Mobile/15E148 Safari/604.1`, "mobile Safari iOS"],
    ["Safari on an iPad", `${IPAD} Version/26.1 Mobile/15E148 Safari/604.1`, "tablet Safari iOS"],
    ["Edge on Windows", `${WINDOWS} ${CHROME} Safari/537.36 Edg/142.0.0.0`, "desktop Microsoft Edge Windows"],
    [
      "Edge on a phone",
      `${ANDROID} ${CHROME} Mobile Safari/537.36 EdgA/142.0.0.0`,
      "mobile Microsoft Edge Android",
    ],
    [
      "Edge on an iPhone",
      `${IPHONE} Version/18.0 EdgiOS/142.0.3595.65 Mobile/15E148 Safari/605.1.15`,
      "mobile Microsoft Edge iOS",
    ],
    ["Opera", `${WINDOWS} ${CHROME} Safari/537.36 OPR/125.0.0.0`, "desktop Opera Windows"],
    [
      "Samsung's",
      `${ANDROID} (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
      "mobile Samsung Internet for Android Android",
    ],
    [
      "Instagram's own window",
      `${IPHONE} Mobile/22H20 Instagram 400.0.0.20.92 (iPhone15,2; iOS 18_7; de_DE; de; scale=3.00; 1179x2556; 7)`,
      "mobile Instagram iOS",
    ],
    [
      "Google's app, which is no bot of Google's",
      `${IPHONE} GSA/390.0.820000000 Mobile/15E148 Safari/604.1`,
      "mobile Google Search iOS",
    ],
    [
      "Yahoo Japan's app, which is no bot of Yahoo's",
      `${IPHONE} Mobile/15E148 YJApp-IOS jp.co.yahoo.ipn.appli/4.150.0`,
      "mobile Yahoo Japan iOS",
    ],
    [
      "a Samsung television",
      "Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) 94.0.4606.31/7.0 TV Safari/537.36",
      "tv Tizen Tizen",
    ],
    [
      "an LG television",
      `Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 ${CHROME} Safari/537.36 WebAppManager`,
      "tv WebOS Browser WebOS",
    ],
    [
      "a television with Android",
      `Mozilla/5.0 (Linux; Android 12; BRAVIA 4K VH21) AppleWebKit/537.36 ${CHROME} Safari/537.36`,
      "tv Chrome Android",
    ],
    [
      "a Fire TV",
      "Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 (KHTML, like Gecko) Silk/142.3.1 like Chrome/142.0 Safari/537.36",
      "tv Amazon Silk Android",
    ],
    [
      "a Fire tablet",
      "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/142.3.1 like Chrome/142.0 Safari/537.36",
      "tablet Amazon Silk Android",
    ],
    [
      "a PlayStation 5",
      "Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15",
      "tv Safari PlayStation",
    ],
    [
      "an Xbox",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edge/44.18363.8131",
      "tv Microsoft Edge Windows",
    ],
    ...ownBrowsers(),
    ...headsets(),
    ...televisions(),
    ...tablets(),
    ...phones(),
    ["something that names itself", "PleaseListMe/1.0 (Something; Else)", "- - -"],
  ])("is %s", ([, userAgent, expected]) => {
    const { device = "-", browser = "-", os = "-", isBot } = parseUserAgent(userAgent);
    expect({ facts: `${device} ${browser} ${os}`, isBot }).toEqual({ facts: expected, isBot: undefined });
  });
});

/** Browsers and apps that bowser takes for Chrome or Safari. */
function ownBrowsers(): [string, string, string][] {
  const MOBILE = `${CHROME} Mobile Safari/537.36`;
  return [
    [
      "Yandex' search app",
      `${ANDROID} ${CHROME} YaSearchBrowser/25.45.1 BroPP/1.0 Mobile Safari/537.36`,
      "mobile Yandex Browser Android",
    ],
    [
      "Yandex' browser on Windows",
      `${WINDOWS} ${CHROME} YaBrowser/25.8.0.0 Safari/537.36`,
      "desktop Yandex Browser Windows",
    ],
    [
      "Huawei's browser",
      `Mozilla/5.0 (Linux; Android 10; HMA-L29; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36`,
      "mobile Huawei Browser Android",
    ],
    [
      "Huawei's browser on a phone that leaves out Mobile",
      "Mozilla/5.0 (Linux; Android 12; HarmonyOS; GRL-AL10; HMSCore 6.14.0.309) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.9.300 Safari/537.36",
      "mobile Huawei Browser HarmonyOS",
    ],
    [
      "Huawei's browser on HarmonyOS without Android",
      "Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 Mobile HuaweiBrowser/5.0.4.300",
      "mobile Huawei Browser HarmonyOS",
    ],
    [
      "a computer of Huawei",
      "Mozilla/5.0 (PC; OpenHarmony 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36 ArkWeb/4.1.6.1 HuaweiBrowser/5.0.4.300",
      "desktop Huawei Browser HarmonyOS",
    ],
    ["Opera GX on a phone", `${ANDROID} ${MOBILE} OPX/2.8`, "mobile Opera GX Android"],
    ["Opera Touch", `${IPHONE} Version/18.0 Mobile/15E148 Safari/604.1 OPT/6.0.4`, "mobile Opera Touch iOS"],
    [
      "DuckDuckGo on Android",
      `${ANDROID} (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile DuckDuckGo/5 Safari/537.36`,
      "mobile DuckDuckGo Android",
    ],
    [
      "DuckDuckGo on an iPhone",
      `${IPHONE} Version/18.7 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15`,
      "mobile DuckDuckGo iOS",
    ],
    [
      "DuckDuckGo on an iPhone, today",
      `${IPHONE} Version/26.1 Mobile/15E148 Safari/604.1 Ddg/26.1`,
      "mobile DuckDuckGo iOS",
    ],
    [
      "DuckDuckGo on a Mac",
      `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15 Ddg/18.1`,
      "desktop DuckDuckGo macOS",
    ],
    ["Vivaldi", `${WINDOWS} ${CHROME} Safari/537.36 Vivaldi/7.6.3797.63`, "desktop Vivaldi Windows"],
    [
      "UC Browser",
      "Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3501 Build/TP1A.220905.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.7.8.1323 Mobile Safari/537.36",
      "mobile UC Browser Android",
    ],
    [
      "Miui",
      "Mozilla/5.0 (Linux; U; Android 14; de-de; 23090RA98G Build/UP1A.230905.011) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.36.0-gn",
      "mobile Miui Android",
    ],
    [
      "Ecosia",
      `${IPHONE} Version/18.6 Mobile/15E148 Safari/605.1.15 (Ecosia ios@11.5.1.2563)`,
      "mobile Ecosia iOS",
    ],
    [
      "Facebook on Android",
      `Mozilla/5.0 (Linux; Android 15; SM-S931B Build/AP3A.240905.015.A2; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.7444.48 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/535.0.0.49.72;]`,
      "mobile Facebook Android",
    ],
    [
      "Facebook on an iPhone",
      `${IPHONE} Mobile/22H20 [FBAN/FBIOS;FBAV/535.0.0.30.72;FBBV/800000000;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/18.7]`,
      "mobile Facebook iOS",
    ],
    [
      "Messenger",
      `${IPHONE} Mobile/22H20 [FBAN/MessengerForiOS;FBAV/530.0.0.36.106;FBBV/1;FBDV/iPhone15,2]`,
      "mobile Messenger iOS",
    ],
    [
      "TikTok",
      `${IPHONE} Mobile/22H20 musical_ly_42.1.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/de Region/DE BytedanceWebview/d8a21c6`,
      "mobile TikTok iOS",
    ],
    [
      "LINE",
      `${ANDROID} (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 Line/15.16.0/IAB`,
      "mobile LINE Android",
    ],
    ["Pinterest", `${IPHONE} Mobile/15E148 [Pinterest/iOS]`, "mobile Pinterest iOS"],
    [
      "Snapchat",
      `${IPHONE} Mobile/22H20 Snapchat/13.62.0.48 (like Safari/8621.3.11, panda)`,
      "mobile Snapchat iOS",
    ],
    [
      "LinkedIn",
      `${ANDROID} (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 [LinkedInApp]/4.1.1100`,
      "mobile LinkedIn Android",
    ],
    [
      "Google's app on Android",
      `${ANDROID} (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 GSA/16.40.28.28.arm64`,
      "mobile Google Search Android",
    ],
    [
      "WeChat, in the process in which it shows pages",
      `Mozilla/5.0 (Linux; Android 11; Mi 10 Pro Build/RKQ1.200826.002; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/78.0.3904.62 XWEB/2853 MMWEBSDK/20210501 Mobile Safari/537.36 MMWEBID/4038 MicroMessenger/8.0.6.1900(0x2800063D) Process/toolsmp WeChat/arm64`,
      "mobile WeChat Android",
    ],
    [
      "Chrome on a Linux that says its name at the end",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/83.0.4103.116 Safari/537.36 UOS",
      "desktop Chrome Linux",
    ],
  ];
}

function headsets(): [string, string, string][] {
  return [
    [
      "a Meta Quest 3",
      "Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/38.1.0.8.62 Chrome/136.0.7103.177 VR Safari/537.36",
      "vr Meta Quest Browser Linux",
    ],
    [
      "a Meta Quest that asks for a phone's page",
      "Mozilla/5.0 (Linux; Android 12; Quest Pro) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/25.3.0.3.54 SamsungBrowser/4.0 Chrome/106.0.5249.126 Mobile VR Safari/537.36",
      "vr Meta Quest Browser Android",
    ],
    [
      "a Meta Quest with another browser",
      "Mozilla/5.0 (Linux; arm_64; Android 14; Quest 3S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/134.0.6998.49 YaBrowser/25.4.6.49.01 Safari/537.36",
      "vr Yandex Browser Android",
    ],
    [
      "an Oculus Go",
      "Mozilla/5.0 (Linux; Android 7.1.1; Pacific) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/10.16.0 SamsungBrowser/4.0 Chrome/91.0.4472.88 Mobile VR Safari/537.36",
      "vr Meta Quest Browser Android",
    ],
    [
      "a Pico 4",
      "Mozilla/5.0 (X11; Linux x86_64; PICO 4 OS5.4.0 like Quest) AppleWebKit/537.36 (KHTML, like Gecko) PicoBrowser/3.3.22 Chrome/105.0.5195.68 VR Safari/537.36",
      "vr Pico Browser Linux",
    ],
    [
      "a Pico with its first browser",
      "Mozilla/5.0 (Linux; Android 8.1.0; Pico Neo 2) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/61.0.3163.98 Mobile Safari/537.36",
      "vr Chrome Android",
    ],
    [
      "an HTC Vive",
      "Mozilla/5.0 (Linux; Android 10; VIVE Focus 3) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.5359.128 Mobile Safari/537.36",
      "vr Chrome Android",
    ],
    [
      "a headset with Wolvic",
      "Mozilla/5.0 (Android 10; Mobile VR; rv:121.0) Gecko/121.0 Firefox/121.0 Wolvic/1.5.1",
      "vr Wolvic Android",
    ],
    [
      "an Apple Vision Pro, where an app says so",
      "Example/1.0 (Apple Vision Pro; visionOS 2.5; Scale/2.00)",
      "vr - visionOS",
    ],
    [
      "a phone that is called Quest",
      "Mozilla/5.0 (Linux; Android 4.2.2; Quest 507) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.111 Mobile Safari/537.36",
      "mobile Chrome Android",
    ],
  ];
}

function televisions(): [string, string, string][] {
  const FIRE_TVS = [
    "AFTA",
    "AFTMM",
    "AFTSSS",
    "AFTKA002",
    "AFTTIFF43",
    "AFTJMST12",
    "AFTEAMR311",
    "AFTLFT962X3",
    "AFTMA475B1",
  ];
  return [
    ...FIRE_TVS.map((code): [string, string, string] => [
      `a Fire TV, model ${code}`,
      `Mozilla/5.0 (Linux; Android 9; ${code}) AppleWebKit/537.36 (KHTML, like Gecko) Silk/142.3.1 like Chrome/142.0 Safari/537.36`,
      "tv Amazon Silk Android",
    ]),
    [
      "a Fire TV in an app's window",
      "Mozilla/5.0 (Linux; Android 7.1.2; AFTBAMR311 Build/NS6301; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/102.0.5005.125 Mobile Safari/537.36",
      "tv Chrome Android",
    ],
    [
      "a Chromecast",
      "Mozilla/5.0 (Linux; Android 12.0; Build/STTL.240206.002) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36 CrKey/1.56.500000 DeviceType/AndroidTV",
      "tv Chrome Android",
    ],
    [
      "a Chromecast with Google TV",
      "Mozilla/5.0 (Linux; Android 12; Chromecast Build/STTE.230319.008.R2; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.43 Mobile Safari/537.36",
      "tv Chrome Android",
    ],
    [
      "a stick with Google TV",
      "Mozilla/5.0 (Linux; Android 11; 4K Google TV Stick Build/RTT0.210618.003; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/101.0.4951.61 Mobile Safari/537.36",
      "tv Chrome Android",
    ],
    [
      "an old Google TV",
      "Mozilla/5.0 (Linux; GoogleTV 3.2; NSZ-GS7/GX70 Build/MASTER) AppleWebKit/534.24 (KHTML, like Gecko) Chrome/11.0.696.77 Safari/534.24",
      "tv Chrome Linux",
    ],
    [
      "a television with Android",
      "Mozilla/5.0 (Linux; Android 11; Smart TV Pro Build/RTT2.220929.001; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0.6099.144 Mobile Safari/537.36",
      "tv Chrome Android",
    ],
    [
      "a box",
      "Mozilla/5.0 (Linux; Android 9; MIBOX4 Build/PI; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/107.0.5304.105 Mobile Safari/537.36",
      "tv Chrome Android",
    ],
    [
      "a box without a maker",
      "Mozilla/5.0 (Linux; Android 9; X96Max_Plus_Q2) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.6261.39 Safari/537.36",
      "tv Chrome Android",
    ],
    [
      "a television named after its diagonal",
      "Mozilla/5.0 (Linux; Android 11; 43U600KD) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/97.0.4692.87 Safari/537.36",
      "tv Chrome Android",
    ],
    ["a Roku", "Mozilla/5.0 (Roku/DVP-14.5 (14.5.4.5905))", "tv - Roku"],
    ["an Apple TV", "AppleCoreMedia/1.0.0.18J383 (Apple TV; U; CPU OS 14_0 like Mac OS X; en_us)", "tv - -"],
    [
      "a television with HbbTV",
      "Opera/9.80 (X11;Linux armv7i;NETRANGEMMH;HbbTV/1.1.1;CE-HTML/1.0;Vendor/TCL;SW-Version/V8;Cnt/GBR;Lan/eng;U;en) AppleWebKit/534.24 (KHTML, like Gecko) Safari/534.24",
      "tv Opera Linux",
    ],
    [
      "a Nintendo Switch",
      "Mozilla/5.0 (Nintendo Switch; WebApplet) AppleWebKit/613.0 (KHTML, like Gecko) NF/6.0.3.28.8 NintendoBrowser/5.1.0.36948",
      "tv Safari Nintendo",
    ],
    [
      "a phone with an aerial, which is none",
      "Mozilla/5.0 (Linux; Android 9; W-V800-TVM) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/74.0.3729.136 Mobile Safari/537.36",
      "mobile Chrome Android",
    ],
    [
      "a tablet with the letters in its code, which is none",
      "Mozilla/5.0 (Linux; Android 6.0; BTV-W09) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.64 Safari/537.36",
      "tablet Chrome Android",
    ],
  ];
}

function tablets(): [string, string, string][] {
  const SAY_MOBILE = [
    "SM-T735C",
    "SM-X710",
    "SM-P613",
    "Lenovo TB-X104L",
    "TB-Q706Z",
    "TB330FU",
    "BKY-W09",
    "AGS2-W09",
    "AGS3K-L09",
    "KOB2K-L09",
    "GDI-W09",
    "MON-W19",
    "Xiaomi Pad 6",
    "Redmi Pad SE",
    "OPPO Pad Air",
    "KFTRWI",
    "Nexus 7",
    "TAB 711 4G",
    "QTab Y2",
  ];
  return [
    [
      "a Huawei tablet",
      "Mozilla/5.0 (Linux; Android 10; BKY-W09; HMSCore 6.14.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Safari/537.36",
      "tablet Huawei Browser Android",
    ],
    ...SAY_MOBILE.map((model): [string, string, string] => [
      `a tablet that says Mobile, ${model}`,
      `Mozilla/5.0 (Linux; Android 12; ${model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36`,
      "tablet Chrome Android",
    ]),
    [
      "a Fire tablet that asks for desktop pages",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Silk/142.3.1 like Chrome/142.0 Safari/537.36",
      "tablet Amazon Silk Linux",
    ],
    [
      "Firefox on an Android tablet",
      "Mozilla/5.0 (Android 15; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0",
      "tablet Firefox Android",
    ],
    [
      "a reader",
      "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+",
      "tablet Safari Linux",
    ],
  ];
}

function phones(): [string, string, string][] {
  const NAMED_LIKE_BOTS = [
    "XBOT_Junior",
    "XBot_Senior Build/O11019",
    "CUBOT_X18_Plus",
    "M bot 51",
    "VR BOT 552",
    "Discovery II",
    "Newsday_A1",
    "Radar Deluxe 2",
    "Spider 8",
    "Capture+",
    "Google 2XL",
    "Crawler",
  ];
  return [
    ...NAMED_LIKE_BOTS.map((model): [string, string, string] => [
      `a phone that is called ${model}`,
      `Mozilla/5.0 (Linux; Android 8.1.0; ${model}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/87.0.4280.101 Mobile Safari/537.36`,
      "mobile Chrome Android",
    ]),
    [
      "an XBot in an app that says its model again",
      `Mozilla/5.0 (Linux; Android 9; XBot_Senior Build/PPR1; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 Instagram 400.0.0.20.92 Android (28/9; 320dpi; 720x1440; XBot; XBot_Senior; x1; qcom; de_DE; 1)`,
      "mobile Instagram Android",
    ],
    [
      "a phone whose software has a bot's name",
      "Mozilla/5.0 (Linux; U; Android 4.2.2; it-it; S222 Build/CUBOT) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
      "mobile Android Browser Android",
    ],
    [
      "a phone that has the name of another's browser",
      "Mozilla/5.0 (Linux; Android 6.0; InFocus M812A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/102.0.0.0 Mobile Safari/537.36",
      "mobile Chrome Android",
    ],
    [
      "a phone in an app that is no browser",
      "Dalvik/2.1.0 (Linux; U; Android 13; SM-A515F Build/TP1A.220624.014)",
      "mobile Android Browser Android",
    ],
    [
      "a phone with keys",
      "Mozilla/5.0 (Mobile; Nokia_8000_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.4",
      "mobile Firefox KaiOS",
    ],
  ];
}

describe("a bot, of no device and no system,", () => {
  test.for<[string, string, string?]>([
    ["Googlebot", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot"],
    [
      "Googlebot, as a phone",
      `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 ${CHROME} Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
      "Googlebot",
    ],
    ["Bing", "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "BingCrawler"],
    [
      "GPTBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
      "GPTBot",
    ],
    [
      "ClaudeBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
      "ClaudeBot",
    ],
    [
      "Facebook's preview",
      "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
      "FacebookExternalHit",
    ],
    [
      "Applebot, which claims to be Safari",
      `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)`,
    ],
    ["Ahrefs", "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"],
    ["Common Crawl", "CCBot/2.0 (https://commoncrawl.org/faq/)"],
    [
      "a browser without a window",
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36`,
    ],
    [
      "Amazon's fetcher for its users",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amzn-User/0.1) Chrome/119.0.6045.214 Safari/537.36",
    ],
    [
      "GTmetrix",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36 GTmetrix",
    ],
    [
      "a bot in the place of a model",
      `${ANDROID.replace("K)", "Examplebot/1.0; +https://example.org/bot)")} ${CHROME} Mobile Safari/537.36`,
    ],
    [
      "OpenAI's fetcher for its users",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)",
      "ChatGPT-User",
    ],
    [
      "Anthropic's fetcher for its users",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
      "ClaudeBot",
    ],
    [
      "Perplexity's fetcher for its users",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Perplexity-User/1.0; +https://perplexity.ai/perplexity-user)",
      "Perplexity-User",
    ],
    ["WhatsApp's preview", "WhatsApp/2.23.20.0"],
    ["Telegram's preview", "TelegramBot (like TwitterBot)"],
    ["Discord's preview", "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)"],
    ["Uptime Robot", "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"],
    ["Lighthouse", `${ANDROID} ${CHROME} Mobile Safari/537.36 Chrome-Lighthouse`],
    [
      "Playwright",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 Playwright/1.44",
    ],
    [
      "Cypress",
      `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Cypress/13.6.0 Chrome/114.0.5735.289 Electron/25.8.4 Safari/537.36`,
    ],
    ["OkHttp", "okhttp/4.12.0"],
    ["Apache's client", "Apache-HttpClient/4.5.14 (Java/17.0.9)"],
    ["axios", "axios/1.6.8"],
    ["Guzzle", "GuzzleHttp/7"],
    ["Dart", "Dart/3.2 (dart:io)"],
    ["curl", "curl/8.14.1"],
    ["Wget", "Wget/1.21.3"],
    ["Python", "python-requests/2.32.3"],
    ["Go", "Go-http-client/2.0"],
    ["Node", "node"],
    ["nobody", ""],
    ["nobody, in blanks", " \t "],
  ])("is %s", ([, userAgent, browser]) => {
    expect(parseUserAgent(userAgent)).toEqual(
      browser === undefined ? { isBot: true } : { isBot: true, browser },
    );
  });
});

describe("a user agent made to be slow", () => {
  const beginnings = [
    ...[
      "",
      "Mozilla/5.0 (Linux; Android 9; ",
      "Mozilla/5.0 (X11; Linux x86_64) ",
      "Mozilla/5.0 (compatible; ",
      "Mozilla/5.0 (",
      "version/",
      "Version/1",
      "mac os x ",
      "Macintosh; mac os x 1",
      "iphone os ",
      "os 1",
    ],
    ...[
      "android ",
      "Opera/",
      "Edg/",
      "MSIE ",
      "Chrome/",
      "compatible; ",
      "Nokia ",
      "tizen ",
      "windows phone os ",
    ],
  ];
  const repeated = [
    "1",
    "1.",
    "1_",
    "._1",
    "a",
    " ",
    "\t",
    "/",
    "a/",
    "/ (",
    "(",
    "()",
    "-",
    ";a ",
    "; ",
    "@a-",
    "%",
    "A-User",
    " Safari/1 a",
    "SAMSUNG-",
    "Build/",
    "TV",
    "42A",
    "box",
    "TB-1",
    "Quest",
    "Silk/",
    " Darwin/1.",
  ];

  test.for(beginnings)("is read at once: %j, and then the same again and again", (beginning) => {
    for (const unit of repeated) {
      const userAgent = `${(beginning + unit.repeat(1_024)).slice(0, 1_023)}\u0000`;
      const tries = Array.from({ length: 3 }, () => {
        const began = performance.now();
        parseUserAgent(userAgent);
        return performance.now() - began;
      });
      // 130,000 such took 2 ms at most; what backtracks without end takes seconds. Best of three, for busy machines.
      expect(Math.min(...tries), `repeating ${JSON.stringify(unit)}`).toBeLessThan(20);
    }
  });
});

test("any text is read without an error, into names from the lists only", () => {
  const pieces = [
    "Mozilla/5.0",
    "(",
    ")",
    "Chrome/1",
    "Safari",
    "iPhone",
    "Android 9",
    "like",
    "; ",
    "/",
    "bot",
    "TV",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 1_024 }),
    fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 })
      .map((some) => some.join(" ")),
  );
  fc.assert(
    fc.property(text, (userAgent) => {
      const { device, browser, os } = parseUserAgent(userAgent);
      expect([undefined, "desktop", "mobile", "tablet", "tv", "vr"]).toContain(device);
      for (const name of [browser, os])
        expect(name ?? "Known").toMatch(/^[A-Z0-9][\w -]{0,39}$|^(?:i|mac|vision)OS$/);
    }),
    { numRuns: 2_000 },
  );
});

test("a user agent is cut to 1,024 characters, without holding on to the rest", () => {
  expect(clipUserAgent("x".repeat(1_024))).toBe("x".repeat(1_024));
  expect(clipUserAgent("x".repeat(16_000))).toBe("x".repeat(1_024));
  expect(clipUserAgent(`${"x".repeat(1_023)}😀`).isWellFormed()).toBe(true);
});
