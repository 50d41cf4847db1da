import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { USER_AGENT_CHARS_MAX } from "@model-views/shared/contracts/views.ts";
import { androidModel } from "./android-model.ts";
import { isBot, withoutModel } from "./bots.ts";
import { botsNameOf, browserOf } from "./browsers.ts";
import { deviceOf } from "./devices.ts";
import { systemOf } from "./systems.ts";

/** What a user agent says of itself: unproven, as user agents are. What it does not say is left out. */
export type UserAgentDetails = Pick<ViewEvent, "device" | "browser" | "os" | "isBot">;

/**
 * Reads a user agent. About 40 µs; for any text at most some milliseconds.
 *
 * One that is empty is a bot's, because every browser sends one. A bot is of no device and no system, although many
 * claim one, and its browser is the bot's own name where bowser knows it (Googlebot, GPTBot).
 *
 * Not to be seen from a user agent: an iPad whose Safari asks for desktop pages (the default) and an Apple Vision Pro
 * say that they are Macs, and a browser made of Chrome that does not say so (Brave) is Chrome.
 */
export function parseUserAgent(userAgent: string): UserAgentDetails {
  if (userAgent.trim() === "") return { isBot: true };
  const model = androidModel(userAgent);
  if (isBot(userAgent, model)) {
    const browser = botsNameOf(userAgent);
    return browser === undefined ? { isBot: true } : { isBot: true, browser };
  }
  // Makers name devices as they like: a phone called InFocus does not run Firefox Focus.
  const text = withoutModel(userAgent, model);
  const facts: UserAgentDetails = {};
  const device = deviceOf(userAgent, model);
  const browser = browserOf(text);
  const os = systemOf(text);
  if (device !== undefined) facts.device = device;
  if (browser !== undefined) facts.browser = browser;
  if (os !== undefined) facts.os = os;
  return facts;
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
