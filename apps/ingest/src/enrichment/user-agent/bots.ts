import { isbot } from "isbot";
import { nameOf } from "./android-model.ts";
import type { Words } from "./words.ts";

/** Bots that isbot takes for people, because they look like a browser but for a word. The examples are whole. */
export const BOTS: readonly Words[] = [
  {
    words: /like Gecko; compatible;/,
    of: "fetchers of AI services: they name themselves where a browser says KHTML and nothing else",
    example:
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Amzn-User/0.1) Chrome/119.0.6045.214 Safari/537.36",
  },
  {
    words: /\b[A-Z]\w+-User\b/,
    of: "fetchers that an AI service sends for one of its users",
    example:
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Amzn-User/0.1",
  },
  {
    words: /^Mozilla\/5\.0 \(compatible; (?!MSIE|Konqueror)[\w.-]+(?:\/\d|\))/,
    of: "crawlers: they say that they are compatible, and who they are",
    example: "Mozilla/5.0 (compatible; Lucidworks-Anda/2.0/0.10; +; )",
  },
  {
    words: /^Mozilla\/5\.0 \(X11; Linux x86_64\) .* Safari\/[\d.]+ (?!UOS$)[A-Za-z][\w.-]*$/,
    of: "monitors on servers: a name without a version at the very end, where only a Linux called UOS has one",
    example:
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/117.0.0.0 Safari/537.36 GTmetrix",
  },
  {
    words: /\b(?:GTmetrix|YLT|DebugBear|Checkly|Uptime-Kuma|Uptrends|NodePing|Catchpoint|Pulsetic)\b/,
    of: "monitors on other systems, or with their name elsewhere",
    example:
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_6) AppleWebKit/537.36 (KHTML, like Gecko) YLT Chrome/85.0.4183.121 Safari/537.36",
  },
  {
    words: /\b(?:Miniature\.io|Percy|Rendertron|SlimerJS|Sitebulb|NovaAct|Devin|Browserbase)(?:\/|\b$)/,
    of: "browsers that a program drives: for pictures, tests and AI services",
    example:
      "Mozilla/5.0 (X11; Linux x86_64) Miniature.io/6.0 AppleWebKit/537.36 (KHTML, like Gecko) QtWebEngine/5.12.4 Chrome/69.0.3497.128 Safari/537.36",
  },
  {
    words: /\bAssetnote\/|\bLaravel Reaver\b/,
    of: "scanners for holes",
    example:
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3122.113 Safari/537.36 Assetnote/1.0.0",
  },
  {
    words: /^(?:Dart|Erlang)\//,
    of: "libraries for HTTP",
    example: "Dart/3.2 (dart:io)",
  },
];

/**
 * Words of people's user agents that isbot takes for a bot's, because bots use them too. They are left out before it is
 * asked, like the device's model: phones are called XBot, Discovery and Spider.
 */
export const PEOPLE: readonly Words[] = [
  {
    words: /\bXBOT\b/gi,
    of: "a maker of phones, whom apps name besides the model",
    example: "Instagram 400.0.0.20.92 Android (28/9; 320dpi; 720x1440; XBot; x1; qcom; de_DE)",
  },
  {
    words: /\bGoogle ?TV\b/g,
    of: "televisions and sticks",
    example: "4K Google TV Stick",
  },
  {
    words: /\b(?:CE-HTML|NETTV|freesat|webOS|Bada|REX|SAMSUNG-[\w-]{1,40})\/1\.0;/gi,
    of: "televisions and phones with version 1.0 of something",
    example: "HbbTV/1.1.1;CE-HTML/1.0;Vendor/TCL",
  },
  {
    words: /\.Catcher\d?/g,
    of: "the browser of Hisense's televisions",
    example: "OMI/4.21.4.112.Catcher4.69",
  },
  {
    words: /\bSogou(?:MSE|MobileBrowser|Search)\b/g,
    of: "Sogou's browser and app (its crawler says spider)",
    example: "SogouMSE,SogouMobileBrowser/3.8.5",
  },
  {
    words: /\bProcess\/tools/g,
    of: "WeChat, of the process in which it shows pages",
    example: "MicroMessenger/8.0.21.2120(0x2800153B) Process/toolsmp",
  },
];

/** Whether a program sent this, and no person looked at the page. `model` is what `androidModel` found. */
export function isBot(userAgent: string, model: string | undefined): boolean {
  if (BOTS.some(({ words }) => words.test(userAgent))) return true;
  let text = withoutModel(userAgent, model);
  for (const { words } of PEOPLE) text = text.replace(words, "");
  return isbot(text);
}

/** Some apps name the device twice. */
export function withoutModel(userAgent: string, model: string | undefined): string {
  if (model === undefined) return userAgent;
  return userAgent.replace(model, "").replaceAll(nameOf(model), "");
}
