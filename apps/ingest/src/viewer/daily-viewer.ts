import { hash } from "node:crypto";
import { USER_AGENT_CHARS_MAX } from "@model-views/shared/contracts/views.ts";
import { addressToStore } from "../view/address-to-store.ts";

/**
 * A viewer without a cookie, for one day: `sha256(daily salt + permanent salt + network + user agent)` in hex.
 *
 * - The network is the address shortened to /24 or /48. So people of one network with the same browser are one
 *   viewer, and one who changes network or browser is another.
 * - The day is the one on which the view is accepted: of a view reported later (`viewedAt` yesterday) only today's
 *   salt is certain to exist. Such a viewer is another one than yesterday.
 * - With its daily salt gone nobody can try all networks and user agents to find who it was, not even with the
 *   permanent salt. That one is in it because files of Redis (its log, backups of it) may hold a daily salt for longer:
 *   whoever has those alone can do nothing with it.
 */
export function dailyViewer(
  { address, userAgent = "" }: { address: string | undefined; userAgent: string | undefined },
  { dailySalt, salt }: { dailySalt: string; salt: string },
): string {
  const network = addressToStore(address, "truncated") ?? "";
  const browser = userAgent.slice(0, USER_AGENT_CHARS_MAX);
  return hash("sha256", `${dailySalt}\n${salt}\n${network}\n${browser}`, "hex");
}
