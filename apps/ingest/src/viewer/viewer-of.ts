import type { IncomingHttpHeaders } from "node:http";
import { cookieViewer } from "./cookie-viewer.ts";
import type { DailySalts } from "./daily-salts.ts";
import { dailyViewer } from "./daily-viewer.ts";
import { asksForPrivacy } from "./privacy-signals.ts";

export type ViewerSettings = {
  /** `cookie` knows a viewer for a year; `cookieless` for a day, and leaves nothing in the browser. */
  mode: "cookie" | "cookieless";
  /** The permanent salt, part of every identifier. */
  salt: string;
  /** Whether browsers may send the cookie over HTTPS only. */
  isSecure: boolean;
  /** Whether the pages are of another site than this service (not just of another host of the same site). */
  isCrossSite: boolean;
  /** Whether `Sec-GPC: 1` and `DNT: 1` make a viewer cookieless. */
  honourPrivacySignals: boolean;
};

/** What is stored for a viewer, and the cookie to set when one is due. */
export type Viewer = { viewerIdentifier: string; setCookie?: string };

export type ViewerOf = (request: {
  headers: IncomingHttpHeaders;
  /** The client's address; undefined when it is not known. */
  address: string | undefined;
}) => Viewer;

/**
 * Who the viewer of a browser's request is: by cookie, or by the day's hash where that is the mode, or where the
 * browser asks not to be followed. Then a cookie is neither set nor read, also when one is sent.
 */
export function createViewerOf(settings: ViewerSettings, salts: Pick<DailySalts, "current">): ViewerOf {
  const { mode, salt, honourPrivacySignals } = settings;
  return ({ headers, address }) => {
    const isFollowed = mode === "cookie" && !(honourPrivacySignals && asksForPrivacy(headers));
    if (isFollowed) return cookieViewer(headers.cookie, settings);
    const userAgent = headers["user-agent"];
    return { viewerIdentifier: dailyViewer({ address, userAgent }, { dailySalt: salts.current(), salt }) };
  };
}
