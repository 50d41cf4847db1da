import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { BookOpen, Ellipsis, Keyboard, LogOut, Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useAddress } from "../address/use-address.ts";
import { type Session, sessionQuestion, signOut } from "../api/session.ts";
import { useSite } from "../api/site.tsx";
import { PAGES } from "../keys/shortcuts.ts";
import { useShortcut, useShortcuts } from "../keys/shortcuts-provider.tsx";
import { Popover } from "../parts/popover.tsx";
import styles from "./header.module.css";
import { LiveCount } from "./live-count.tsx";
import { ThemeSwitch } from "./theme-switch.tsx";

/** Brand, pages, viewers now, search, and the menu. Links keep the period and the filters. */
export function Header() {
  const { shared } = useAddress();
  const navigate = useNavigate();
  const { isOn, perform } = useShortcuts();
  const pages = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // On a phone, the pages scroll: the one that is shown is always seen.
  useEffect(() => {
    if (path === "") return;
    pages.current
      ?.querySelector('[aria-current="page"]')
      ?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [path]);
  useShortcut((action) => {
    if (action.do !== "page") return false;
    void navigate({ to: action.to, search: shared as never });
    return true;
  });
  return (
    <header className={styles["header"]}>
      <Link
        to="/"
        search={shared as never}
        className={styles["brand"]}
        activeProps={{ "aria-current": undefined }}
      >
        <img src="/icon.svg" alt="" width={22} height={22} />
        model-views
      </Link>
      <nav ref={pages} aria-label="Pages" className={styles["pages"]}>
        <ul>
          {PAGES.map(({ to, label }) => (
            <li key={to}>
              <Link
                to={to}
                search={shared as never}
                activeOptions={{ exact: to === "/", includeSearch: false }}
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className={`${styles["tools"]} screen-only`}>
        <LiveCount />
        <button
          type="button"
          className={styles["search"]}
          aria-label="Search"
          onClick={() => perform({ do: "search" })}
        >
          <Search size={16} aria-hidden />
          <span className={styles["word"]}>Search</span>
          {isOn && <kbd aria-hidden>/</kbd>}
        </button>
        <Popover
          name="Menu"
          width={250}
          className={styles["menuButton"]}
          button={
            <>
              <Ellipsis size={18} aria-hidden />
              <span className="hidden-text">Menu</span>
            </>
          }
        >
          {(close) => <Menu close={close} />}
        </Popover>
      </div>
    </header>
  );
}

function Menu({ close }: { close: () => void }) {
  const { perform } = useShortcuts();
  const site = useSite();
  return (
    <div className={styles["menu"]}>
      {site.hasSession && (
        <p className={styles["reader"]}>
          Signed in with the key <strong>{site.name}</strong>
          <span className="muted">{site.mayChange ? "It may change things." : "It may read."}</span>
        </p>
      )}
      <ThemeSwitch />
      <ul>
        <li>
          <button
            type="button"
            onClick={() => {
              close();
              perform({ do: "sheet" });
            }}
          >
            <Keyboard size={16} aria-hidden />
            Keyboard shortcuts
          </button>
        </li>
        <li>
          <a href="/docs">
            <BookOpen size={16} aria-hidden />
            The API and its reference
          </a>
        </li>
        {site.hasSession && (
          <li>
            <SignOutButton />
          </li>
        )}
      </ul>
      <p className={styles["version"]}>Version {site.version}</p>
    </div>
  );
}

const LEFT: Session = { isSignedIn: false, hasLeft: true };

function SignOutButton() {
  const client = useQueryClient();
  const [problem, setProblem] = useState<string>();

  async function leave() {
    try {
      await signOut();
      // Nothing of what was read stays in the page for the next reader of this device.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuestion.queryKey[0] });
      client.setQueryData(sessionQuestion.queryKey, LEFT);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <>
      <button type="button" onClick={() => void leave()}>
        <LogOut size={16} aria-hidden />
        Sign out
      </button>
      {problem !== undefined && <p role="alert">You are still signed in: {problem}</p>}
    </>
  );
}
