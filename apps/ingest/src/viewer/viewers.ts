import type { IncomingHttpHeaders } from "node:http";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import type { PostedView } from "@model-views/shared/contracts/views.ts";
import type { DailySalts } from "./daily-salts.ts";
import { dailyViewer } from "./daily-viewer.ts";
import { createNewcomers } from "./newcomers.ts";
import { type CookieReach, viewerCookie, viewerIdIn } from "./viewer-cookie.ts";

export type ViewerSettings = CookieReach & {
  /** `cookie` recognises a viewer for a year; `cookieless` for a day, and leaves nothing in the browser. */
  mode: "cookie" | "cookieless";
  /** The permanent salt, part of every identifier. */
  salt: string;
  /** Whether `Sec-GPC: 1` and `DNT: 1` make a viewer cookieless. */
  honourPrivacySignals: boolean;
};

/** What is stored for a viewer, and the cookie to set if one is due. */
export type Viewer = { viewerIdentifier: string; setCookie?: string };

/** What identifies the viewer in a browser's request. */
export type BrowserRequest = {
  headers: IncomingHttpHeaders;
  /** The browser's address; undefined when it is unknown. */
  address: string | undefined;
  now: Date;
};

/** The fields by which a server identifies the viewer. */
export type NamedViewer = Pick<PostedView, "viewerIdentifier" | "viewerId" | "ipAddress" | "userAgent">;

/** Finds the viewer of a view. */
export type Viewers = {
  /**
   * By cookie. By the day's hash in cookieless mode, and when the browser asks for privacy: then no cookie is set, and
   * none is read even if one is sent.
   */
  ofBrowser(request: BrowserRequest): Viewer;
  /** As the server names the viewer: the stored identifier or the website's own id, else the hash of the day. */
  ofServer(posted: NamedViewer): string;
};

export function createViewers(settings: ViewerSettings, salts: Pick<DailySalts, "current">): Viewers {
  const { mode, salt, honourPrivacySignals } = settings;
  const newcomers = createNewcomers({ salt });

  return {
    ofBrowser({ headers, address, now }) {
      const usesCookie = mode === "cookie" && !(honourPrivacySignals && asksForPrivacy(headers));
      return usesCookie
        ? byCookie({ headers, address, now })
        : { viewerIdentifier: ofDay(address, headers["user-agent"]) };
    },

    ofServer({ viewerIdentifier, viewerId, ipAddress, userAgent }) {
      if (viewerIdentifier !== undefined) return viewerIdentifier;
      return viewerId === undefined ? ofDay(ipAddress, userAgent) : viewerIdentifierOf(viewerId, salt);
    },
  };

  function byCookie({ headers, address, now }: BrowserRequest): Viewer {
    const idInCookie = viewerIdIn(headers.cookie);
    const browser = {
      address,
      userAgent: headers["user-agent"],
      language: headers["accept-language"],
      dailySalt: salts.current(),
      now,
    };
    if (idInCookie !== undefined) {
      newcomers.cameBack(idInCookie, browser);
      return { viewerIdentifier: viewerIdentifierOf(idInCookie, salt) };
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

/**
 * Whether a browser asks not to be tracked: Global Privacy Control (`Sec-GPC: 1`, https://w3c.github.io/gpc) or its
 * predecessor Do Not Track (`DNT: 1`). Any other value means no.
 */
function asksForPrivacy(headers: IncomingHttpHeaders): boolean {
  return headers["sec-gpc"] === "1" || headers["dnt"] === "1";
}
