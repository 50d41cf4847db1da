import Bowser from "bowser";
import type { Words } from "./words.ts";

/** Operating systems that bowser does not know, or takes for another. The first whose words are there is it. */
export const SYSTEMS: readonly (Words & { name: string })[] = [
  { name: "KaiOS", words: /\bKAIOS\//i, of: "phones with keys", example: "KAIOS/2.5.1.1" },
  {
    name: "HarmonyOS",
    words: /\b(?:Open)?Harmony(?:OS)?\b/,
    of: "Huawei's devices",
    example: "(Phone; OpenHarmony 5.0)",
  },
  {
    name: "visionOS",
    words: /\b(?:vision|xr)OS\b/,
    of: "Apple Vision Pro, where an app says so",
    example: "visionOS/2.0",
  },
  {
    name: "PlayStation",
    words: /\bPlayStation\b/i,
    of: "Sony's consoles",
    example: "PlayStation; PlayStation 5/6.50",
  },
  {
    name: "Nintendo",
    words: /\bNintendo\b/,
    of: "Nintendo's consoles",
    example: "(Nintendo Switch; WebApplet)",
  },
  { name: "Roku", words: /\bRoku/, of: "Roku's sticks and televisions", example: "Roku/DVP-14.5" },
  {
    name: "Symbian",
    words: /\bSymb(?:ian|OS)|\bSeries ?60\b/,
    of: "phones of Nokia and others",
    example: "SymbianOS/9.4; Series60/5.0",
  },
  {
    name: "Android",
    words: /\bAdr \d/,
    of: "Android, as UC Browser shortens it",
    example: "UCWEB/2.0 (MIDP-2.0; U; Adr 5.1; en-US; TECNO-L8)",
  },
  { name: "FreeBSD", words: /\bFreeBSD\b/, of: "desktops", example: "(X11; FreeBSD amd64; rv:145.0)" },
  { name: "OpenBSD", words: /\bOpenBSD\b/, of: "desktops", example: "(X11; OpenBSD amd64; rv:145.0)" },
  { name: "NetBSD", words: /\bNetBSD\b/, of: "desktops", example: "(X11; NetBSD amd64; rv:145.0)" },
];

/** The name of the operating system; undefined when the user agent says none that is known. */
export function systemOf(userAgent: string): string | undefined {
  const own = SYSTEMS.find(({ words }) => words.test(userAgent))?.name;
  return own ?? (Bowser.getParser(userAgent, true).getOSName() || undefined);
}
