import { Link } from "@tanstack/react-router";
import { useAddress } from "../address/use-address.ts";
import { useLive } from "../api/live.tsx";
import type { LiveConnection } from "../api/live-feed.ts";
import { formatCount } from "../format/numbers.ts";
import styles from "./header.module.css";

const STATES: Readonly<Record<LiveConnection, string>> = {
  connecting: "Connecting to the live figures",
  live: "People who have viewed a model in the last five minutes",
  unavailable: "The database does not answer, so this figure is not renewed",
  lost: "The connection is lost, so this figure is not renewed. It comes back by itself",
};

/** How many people are viewing now. The link leads to the live page. */
export function LiveCount() {
  const { shared } = useAddress();
  const { connection, figures } = useLive();
  const viewers = figures?.viewers;
  return (
    <Link
      to="/live"
      search={shared as never}
      className={styles["live"]}
      data-state={connection}
      title={STATES[connection]}
    >
      <span className={styles["dot"]} aria-hidden />
      <span className="number">{formatCount(viewers)}</span>
      <span className={styles["word"]}>{viewers === 1 ? "viewer now" : "viewers now"}</span>
      {connection !== "live" && <span className="hidden-text"> ({STATES[connection]})</span>}
    </Link>
  );
}
