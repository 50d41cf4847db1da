import { nameOf } from "./android-model.ts";
import type { Words } from "./words.ts";

/**
 * Kinds of device. Consoles, sticks and projectors count as `tv`, readers of books as `tablet`, watches as `mobile`.
 */
export type Device = "desktop" | "mobile" | "tablet" | "tv" | "vr";

/** By default looked for in the whole user agent, else only in the name of the model that an Android browser gives. */
export type DeviceWords = Words & { device: Device; in?: "model" };

/** From the most certain to the least: the first whose words are there is the device. */
export const DEVICES: readonly DeviceWords[] = [
  // Headsets, which else say that they are Android phones or Linux desktops.
  {
    device: "vr",
    words: /\bOculusBrowser\/|\bPico ?Browser\/|\bViveBrowser\/|\bWolvic\//,
    of: "browsers made for headsets",
    example: "OculusBrowser/32.1.0.37.133",
  },
  {
    device: "vr",
    words: /\bVR Safari\b|\bMobile VR\b/,
    of: "browsers that say so",
    example: "Chrome/122.0.6261.64 VR Safari/537.36",
  },
  {
    device: "vr",
    words: /[;(] ?(?:Meta |Oculus )?Quest(?: ?\d[A-Z]?| Pro)?(?:[;)]| Build)/,
    of: "Meta Quest, in any browser (phones of Qumo are called Quest 507)",
    example: "(X11; Linux x86_64; Quest 3)",
  },
  {
    device: "vr",
    words: /\bP(?:ico|ICO)[ _-]?(?:Neo|NEO|A?\d|G\d)|\bV(?:ive|IVE)[ _-]?(?:Focus|FOCUS|Flow|XR|Wave)/,
    of: "headsets of Pico and HTC",
    example: "Pico Neo 3",
  },
  {
    device: "vr",
    words:
      /\b(?:vision|xr)OS\b|\bApple ?Vision|\bRealityDevice\d|\bAndroid XR\b|\bSM-I610|\bMagic[ -]Leap|\bHoloLens\b/,
    of: "Apple Vision Pro, where an app says so (its Safari says Mac), Galaxy XR, Magic Leap and HoloLens",
    example: "visionOS/2.0",
  },

  // What has the letters of a television in its name, and is none.
  {
    device: "tablet",
    words: /\bBNTV\d|\bBTV-[DW]|\bHITV\d/,
    of: "readers of Barnes & Noble and Hisense, and a tablet of Huawei",
    example: "BNTV650",
  },
  {
    device: "mobile",
    words: /\bSTV100-|\bHTV3\d\b|\bW-\w+-TV|[ _]DTV\d?\b|\bDROIDZ\b/,
    of: "phones of BlackBerry, HTC and Wiko, and phones with an aerial",
    example: "W-V800-TVM",
  },

  // Televisions, and what is plugged into them. Most say Android or Linux too.
  {
    device: "tv",
    words: /\bAFT[A-Z0-9]{1,12}\b/,
    of: "Amazon's Fire TV: the codes of all models begin so",
    example: "AFTTIFF43",
  },
  {
    device: "tv",
    words:
      /\bTV\b|smart-?tv|smarthub|google ?tv|android ?tv|apple ?tv|hbbtv|nettv|netcast|web0s|webos\.tv|ce-html/i,
    of: "televisions that say so, and their standards",
    example: "(SMART-TV; LINUX; Tizen 7.0)",
  },
  {
    device: "tv",
    words:
      /\bcrkey\b|chromecast|\broku|\bbravia|\baquos-tv|\bviera\b|\bvidaa\b|\bvizio\b|\bmi ?box|\btivo\b|dunehd/i,
    of: "makes of televisions, boxes and sticks",
    example: "CrKey/1.56.500000",
  },
  {
    device: "tv",
    words: /\bOMI\/\d|\bOpera\/9\.80 \(Linux (?:mips|arm)|\bLinux mips\b|\bBrightSign\b/,
    of: "Opera for televisions, and processors of televisions",
    example: "Opera/9.80 (Linux mips; )",
  },
  {
    device: "tv",
    words: /playstation|\(PS\d\)|\bxbox\b|\bxbox_|nintendo|\bouya\b/i,
    of: "consoles",
    example: "PlayStation 5/6.50",
  },
  {
    device: "tv",
    words: /(?<!D)TV(?![a-zR])|\d\dLE[DX]|LED ?\d\d/,
    in: "model",
    of: "televisions with Android, named after themselves and their light",
    example: "SW-LED58UB400",
  },
  {
    device: "tv",
    words:
      /(?:^|[ _-])(?:LT-?|TD|T[EFQ]-?)?(?:2[48]|3[29]|4[0-39]|5[058]|6[05]|7[057]|8[2356]|98)[A-Z]{1,4}\d{2}/,
    in: "model",
    of: "televisions with Android, named after their diagonal in inches",
    example: "43U600KD",
  },
  {
    device: "tv",
    words:
      /(?<!run|tur)box(?![a-z])|\bstick\b|\bstb(?![a-z])|streamer|projector|iptv|\bott\b|_ott\b|mediaplayer|\bshell\b/i,
    in: "model",
    of: "boxes, sticks and projectors that say so",
    example: "Rombica Smart Box Q2",
  },
  {
    device: "tv",
    words:
      /^(?:X96|X88|H96|T95|TX\d\b|TX3|MXQ|HK1|A95X|M8S|MECOOL|KM[1-9](?!\d)|TANIX|BEELINK|MINIX|NEO-[XU]\d|UGOOS|VONTAR|ZIDOO|RK3\d{3})/i,
    in: "model",
    of: "boxes sold under many names",
    example: "X96Max_Plus_Q2",
  },

  // Computers that run apps for Android.
  {
    device: "desktop",
    words: /\bChromebook\b|\bPixelbook\b|\bCrOS\b|\(PC;|\(2in1;/,
    of: "Chromebooks, and computers of Huawei",
    example: "(X11; CrOS x86_64 14541.0.0)",
  },

  // Tablets, also those that say Mobile.
  {
    device: "tablet",
    words:
      /\biPad\b|\bKindle\b|\bSilk\/|\bPocketBook\b|\bKobo\b|\btolino\b|\bNOOK\b|\bPlayBook\b|\bhp-tablet\b/,
    of: "iPads, Amazon's tablets, readers of books",
    example: "(iPad; CPU OS 18_7 like Mac OS X)",
  },
  {
    device: "tablet",
    words: /[(; ]Tablet;/,
    of: "Firefox on Android, and HarmonyOS",
    example: "(Android 15; Tablet; rv:145.0)",
  },
  {
    device: "tablet",
    words: /\bSM-[PTX]\d{3}(?!\d)|\bGT-(?:P\d{4}|N5\d{3}|N80\d\d)/,
    of: "Samsung's tablets",
    example: "SM-X710",
  },
  {
    device: "tablet",
    words: /\bTB-?\d\w{2,}|\bTB-?[JQXV]\w{3,}|\bYT3?-\w|\bYoga Tab|\bIdeaTab/,
    in: "model",
    of: "Lenovo's tablets",
    example: "Lenovo TB-X104L",
  },
  {
    device: "tablet",
    words: /^(?:HUAWEI |HONOR )?[A-Z]{2,4}\d?K?-W\d\d(?!\d)/,
    in: "model",
    of: "tablets of Huawei and Honor without a telephone",
    example: "BKY-W09",
  },
  {
    device: "tablet",
    words:
      /^(?:HUAWEI )?(?:AG[MRS]|BAH|BG[2O]|BZ[ACIKTW]|CMR|DB[RY]|HDN|JDN|KOB|KJR|MON|MR[RX]|SCMR?|SHT|VRD|WGR)\d?K?-/,
    in: "model",
    of: "Huawei's tablets with a telephone",
    example: "AGS3K-L09",
  },
  {
    device: "tablet",
    words: /\bKF[A-Z]{2,6}\b/,
    in: "model",
    of: "Amazon's Fire tablets, in other browsers than Amazon's",
    example: "KFMAWI",
  },
  {
    device: "tablet",
    words:
      /tab(?![a-z])|tablet|(?<!kli|phone)pad(?![a-z])|\btab[ _-]?[a-z]?\d|reader|\bboox|\bxoom\b|nexus (?:7|9|10)\b|pixel c\b/i,
    in: "model",
    of: "tablets that say so in their name",
    example: "Xiaomi Pad 6",
  },

  // Phones, also those that leave out Mobile.
  {
    device: "mobile",
    words: /\bSM-[AEFGJMNSWZ]\d{3}|\bPixel \d|^[A-Z]{3}\d?-(?:AL|AN|LX|NX|TL|TN)\d/,
    in: "model",
    of: "phones of Samsung, Google, Huawei and Honor",
    example: "SM-A515F",
  },
  {
    device: "mobile",
    words:
      /Mobile|mobile safari|\biP(?:hone|od)\b|\bWPDesktop\b|\bZuneWP7\b|\bWindows Phone\b|\(Phone;|\(webOS\//,
    of: "phones that say so",
    example: "(iPhone; CPU iPhone OS 18_7 like Mac OS X)",
  },
  {
    device: "mobile",
    words:
      /\bOpera M(?:ini|obi)\b|\bMIDP|\bUP\.Browser\b|\bMAUI\b|\bBREW\b|\bREX\b|\bNetFront\b|Symbian|BlackBerry|\bBB10\b|Palm|\bDoCoMo\b/i,
    of: "phones with keys",
    example: "UP.Browser/6.2.2.6.d.3.100 (GUI) MMP/1.0",
  },

  {
    device: "desktop",
    words: /\bWindows\b|\bMacintosh\b|\bMac_P|\bX11\b|\bLinux (?:x86_64|i[3-6]86)\b|\bDarwin\/[\d.]+ \(/,
    of: "computers",
    example: "(Macintosh; Intel Mac OS X 10_15_7)",
  },
];

/** The device's kind, as far as its words tell. `model` is what `androidModel` found. */
export function deviceOf(userAgent: string, model: string | undefined): Device | undefined {
  const name = model === undefined ? undefined : nameOf(model);
  for (const { device, words, in: where } of DEVICES) {
    const text = where === "model" ? name : userAgent;
    if (text !== undefined && words.test(text)) return device;
  }
  if (!/\bAndroid\b|\bAdr\b/.test(userAgent)) return undefined;
  // A browser says Mobile before Safari on a phone, and Safari alone on a tablet. An app that says neither is most
  // likely on a phone.
  return userAgent.includes("Safari/") ? "tablet" : "mobile";
}
