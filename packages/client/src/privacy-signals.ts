import { type RequestHeaders, readHeader } from "./request-headers.ts";

/** Whether the browser asks not to be tracked: `Sec-GPC: 1` (Global Privacy Control) or `DNT: 1`. */
export function asksForPrivacy(headers: RequestHeaders): boolean {
  return ["sec-gpc", "dnt"].some((name) => readHeader(headers, name)?.trim() === "1");
}
