import type { IncomingHttpHeaders } from "node:http";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import type { PostedView } from "@model-views/shared/contracts/views.ts";
import type { DailySalts } from "./daily-salts.ts";
import { dailyViewer } from "./daily-viewer.ts";
import { createNewcomers } from "./newcomers.ts";
import { asksForPrivacy } from "./privacy-signals.ts";
import { type CookieReach, viewerCookie, viewerIdIn } from "./viewer-cookie.ts";

export type ViewerSettings = CookieReach & {
  /** `cookie` knows a viewer for a year; `cookieless` for a day, and leaves nothing in the browser. */
  mode: "cookie" | "cookieless";
  /** The permanent salt, part of every identifier. */
  salt: string;
  /** Whether `Sec-GPC: 1` and `DNT: 1` make a viewer cookieless. */
  honourPrivacySignals: boolean;
};

/** What is stored for a viewer, and the cookie to set when one is due. */
export type Viewer = { viewerIdentifier: string; setCookie?: string };

/** A browser's request, as far as it tells who views. */
export type BrowserRequest = {
  headers: IncomingHttpHeaders;
  /** The browser's address; undefined when it is not known. */
  address: string | undefined;
  now: Date;
};

/** What a server may say of who views. */
export type NamedViewer = Pick<PostedView, "viewerIdentifier" | "viewerId" | "ipAddress" | "userAgent">;

/** Who views, by whom the view comes from. */
export type Viewers = {
  /**
   * By cookie, or by the day's hash where that is the mode, or where the browser asks not to be followed. Then a cookie
   * is neither set nor read, also when one is sent.
   */
  ofBrowser(request: BrowserRequest): Viewer;
  /** As the server names the viewer: as stored, or by the website's own id; else by the day's hash of what it says. */
  ofServer(posted: NamedViewer): string;
};

export function createViewers(settings: ViewerSettings, salts: Pick<DailySalts, "current">): Viewers {
  const { mode, salt, honourPrivacySignals } = settings;
  const newcomers = createNewcomers({ salt });

  return {
    ofBrowser({ headers, address, now }) {
      const isFollowed = mode === "cookie" && !(honourPrivacySignals && asksForPrivacy(headers));
      return isFollowed
        ? byCookie({ headers, address, now })
        : { viewerIdentifier: ofDay(address, headers["user-agent"]) };
    },

    ofServer({ viewerIdentifier, viewerId, ipAddress, userAgent }) {
      if (viewerIdentifier !== undefined) return viewerIdentifier;
      return viewerId === undefined ? ofDay(ipAddress, userAgent) : viewerIdentifierOf(viewerId, salt);
    },
  };

  function byCookie({ headers, address, now }: BrowserRequest): Viewer {
    const known = viewerIdIn(headers.cookie);
    const browser = {
      address,
      userAgent: headers["user-agent"],
      language: headers["accept-language"],
      dailySalt: salts.current(),
      now,
    };
    if (known !== undefined) {
      newcomers.cameBack(known, browser);
      return { viewerIdentifier: viewerIdentifierOf(known, salt) };
    }
    const { viewerId, cookieId } = newcomers.meet(browser);
    return {
      viewerIdentifier: viewerIdentifierOf(viewerId, salt),
      setCookie: viewerCookie(cookieId, settings),
    };
  }

  function ofDay(address: string | undefined, userAgent: string | undefined): string {
    return dailyViewer({ address, userAgent }, { dailySalt: salts.current(), salt });
  }
}
