import type { SessionAnswer } from "@model-views/shared/contracts/session.ts";
import { createContext, use } from "react";

/** What every page knows of the site and of its reader. */
export type Site = Extract<SessionAnswer, { isSignedIn: true }>;

const SiteContext = createContext<Site | undefined>(undefined);

export const SiteProvider = SiteContext.Provider;

/** @throws outside of a page. */
export function useSite(): Site {
  const site = use(SiteContext);
  if (site === undefined) throw new Error("useSite is used outside of SiteProvider");
  return site;
}
