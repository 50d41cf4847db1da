import type { ViewEvent } from "@model-views/shared/view-event.ts";
import { USER_AGENT_CHARS_MAX } from "@model-views/shared/views.ts";
import Bowser from "bowser";
import { isbot } from "isbot";

/** What a user agent says of itself: unproven, as user agents are. What it does not say is left out. */
export type UserAgentFacts = Pick<ViewEvent, "device" | "browser" | "os" | "isBot">;

/** Kinds of device. Game consoles and streaming sticks count as `tv`, whatever they call themselves. */
export type Device = "desktop" | "mobile" | "tablet" | "tv";

const DEVICES: ReadonlySet<string> = new Set<Device>(["desktop", "mobile", "tablet", "tv"]);

/** Most of these say Android or Windows too, and would pass for tablets or desktops. `AFT…` are Amazon's Fire TVs. */
const TV =
  /\bTV\b|smart-?tv|googletv|hbbtv|netcast|appletv|bravia|crkey|\baft[a-z]{1,5}(?=\)| build)|\broku\b|playstation|xbox|nintendo/i;
/** Where bowser knows no device: in apps that it takes for a bot, and on ChromeOS and the BSDs. */
const MOBILE = /\b(?:Mobile|iPhone)\b/;
const DESKTOP = /\b(?:CrOS|X11)\b/;

/**
 * bowser's families. It takes the first word of a user agent that it does not know for the browser's name, and that
 * is any text at all: such a name is no family, and is left out.
 */
const BROWSERS: ReadonlySet<string> = new Set([
  ...Object.values(Bowser.BROWSER_MAP),
  "Miui",
  "Opera Touch",
  "PlayStation 4",
]);

/**
 * Reads a user agent. About 20 µs; never more than some milliseconds, whatever text it is.
 *
 * One that is empty is a bot's, because every browser sends one. A bot is of no device and no system, although many
 * claim one, and its browser is the bot's own name where bowser knows it (Googlebot, GPTBot).
 *
 * Not to be seen from a user agent: an iPad whose Safari asks for desktop pages (the default) says it is a Mac, and
 * a browser made of Chrome that does not say so (Brave) is Chrome.
 */
export function userAgentFacts(userAgent: string): UserAgentFacts {
  if (userAgent.trim() === "") return { isBot: true };
  const { browser, os, platform } = Bowser.parse(userAgent);
  const knownBrowser = browser.name !== undefined && BROWSERS.has(browser.name) ? browser.name : undefined;
  // Not bowser's word for what is a bot: it takes each app of Yahoo Japan for one.
  const isBot = isbot(userAgent);
  const isBotsName = platform.type === "bot";
  const facts: UserAgentFacts = {};
  if (knownBrowser !== undefined && isBotsName === isBot) facts.browser = knownBrowser;
  if (isBot) return { ...facts, isBot };
  const device = deviceOf(userAgent, platform.type);
  if (device !== undefined) facts.device = device;
  if (os.name) facts.os = os.name;
  return facts;
}

function deviceOf(userAgent: string, type: string | undefined): Device | undefined {
  if (TV.test(userAgent)) return "tv";
  if (isDevice(type)) return type;
  if (MOBILE.test(userAgent)) return "mobile";
  return DESKTOP.test(userAgent) ? "desktop" : undefined;
}

function isDevice(type: string | undefined): type is Device {
  return type !== undefined && DEVICES.has(type);
}

/**
 * The first 1,024 characters of a user agent: real ones have a quarter of that.
 *
 * What is cut off is copied, because a slice would keep the whole of it in memory for as long as it is remembered.
 */
export function clipUserAgent(userAgent: string): string {
  if (userAgent.length <= USER_AGENT_CHARS_MAX) return userAgent;
  return Buffer.from(userAgent.slice(0, USER_AGENT_CHARS_MAX)).toString();
}
