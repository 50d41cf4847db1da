import { useQuery } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { useAddress } from "../address/use-address.ts";
import { sessionQuestion } from "../api/session.ts";
import { Failure } from "../parts/failure.tsx";
import styles from "./shell.module.css";
import { SignIn } from "./sign-in.tsx";
import { type Site, SiteProvider } from "./site.tsx";

const PAGES = [
  ["/", "Overview"],
  ["/models", "Models"],
  ["/front-page", "Front page"],
  ["/live", "Live"],
  ["/pipeline", "Pipeline"],
  ["/settings", "Settings"],
] as const;

/** What is around every page. Without a session where one is needed, there is only the sign-in. */
export function Shell() {
  const session = useQuery(sessionQuestion);
  if (session.data === undefined) {
    return session.error === null ? null : (
      <main className="notice">
        <Failure error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  return session.data.isSignedIn ? <SignedIn site={session.data} /> : <SignIn />;
}

function SignedIn({ site }: { site: Site }) {
  const { search } = useAddress();
  return (
    <SiteProvider value={site}>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className={styles["header"]}>
        <Link to="/" className={styles["brand"]}>
          model-views
        </Link>
        <nav aria-label="Pages">
          <ul className={styles["pages"]}>
            {PAGES.map(([to, label]) => (
              <li key={to}>
                <Link
                  to={to}
                  search={search as never}
                  activeOptions={{ exact: to === "/", includeSearch: false }}
                >
                  {label}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
      </header>
      <main id="main" className={styles["main"]}>
        <Outlet />
      </main>
    </SiteProvider>
  );
}
