import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { useRef } from "react";
import { LiveProvider } from "../api/live.tsx";
import { sessionQuestion } from "../api/session.ts";
import { type Site, SiteProvider } from "../api/site.tsx";
import { ShortcutsProvider } from "../keys/shortcuts-provider.tsx";
import { Failure } from "../parts/failure.tsx";
import { FirstView } from "../parts/first-view.tsx";
import { BehindBanner } from "./behind-banner.tsx";
import { Header } from "./header.tsx";
import { SearchDialog } from "./search-dialog.tsx";
import styles from "./shell.module.css";
import { ShortcutSheet } from "./shortcut-sheet.tsx";
import { SignIn, SignInAgain } from "./sign-in.tsx";
import { useFocusAfterNavigation } from "./use-focus-after-navigation.ts";

/** What is around every page. Without a session where one is needed, there is only the sign-in. */
export function Shell() {
  const session = useQuery(sessionQuestion);
  // Of before a session has ended: the page stays, with what was typed into it, behind the sign-in.
  const lastSite = useRef<Site>(undefined);
  const answer = session.data;
  if (answer === undefined) {
    return session.error === null ? (
      <p className={styles["starting"]} role="status">
        Starting…
      </p>
    ) : (
      <main className="notice">
        <Failure error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  if (answer.isSignedIn) lastSite.current = answer;
  else if (answer.hasLeft) lastSite.current = undefined;
  if (lastSite.current === undefined) return <SignIn />;
  return (
    <>
      <SignedIn site={lastSite.current} />
      {!answer.isSignedIn && <SignInAgain />}
    </>
  );
}

function SignedIn({ site }: { site: Site }) {
  const { pathname } = useLocation();
  useFocusAfterNavigation();
  return (
    <SiteProvider value={site}>
      <ShortcutsProvider>
        <LiveProvider>
          <a className="skip" href="#main">
            Skip to the content
          </a>
          <Header />
          <BehindBanner />
          <main id="main" className={styles["main"]} tabIndex={-1}>
            {site.firstDay === null && pathname === "/" ? <FirstView /> : <Outlet />}
          </main>
          <SearchDialog />
          <ShortcutSheet />
        </LiveProvider>
      </ShortcutsProvider>
    </SiteProvider>
  );
}
