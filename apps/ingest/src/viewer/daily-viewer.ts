import { hash } from "node:crypto";
import { USER_AGENT_CHARS_MAX } from "@model-views/shared/contracts/views.ts";
import { addressToStore } from "./address-to-store.ts";

/**
 * Identifies a viewer without a cookie for one day: `sha256(daily salt + permanent salt + network + user agent)` in hex.
 *
 * - The network is the address shortened to /24 or /48. People in one network with the same browser are one viewer. A
 *   person who changes network or browser becomes another viewer.
 * - The day is the one on which the view is accepted: for a view reported later (`viewedAt` yesterday), only today's
 *   salt certainly exists. That viewer differs from yesterday's.
 * - Once the daily salt is deleted, the viewer cannot be found by trying all networks and user agents, even with the
 *   permanent salt. The permanent salt is included because files of Redis (its log, backups) may contain a daily salt
 *   for longer: it is of no use alone.
 */
export function dailyViewer(
  { address, userAgent = "" }: { address: string | undefined; userAgent: string | undefined },
  { dailySalt, salt }: { dailySalt: string; salt: string },
): string {
  const network = addressToStore(address, "truncated") ?? "";
  const browser = userAgent.slice(0, USER_AGENT_CHARS_MAX);
  return hash("sha256", `${dailySalt}\n${salt}\n${network}\n${browser}`, "hex");
}
