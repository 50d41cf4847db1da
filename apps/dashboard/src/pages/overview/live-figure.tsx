import { Link } from "@tanstack/react-router";
import { useLive } from "../../api/live.ts";
import { formatCount } from "../../format/numbers.ts";
import styles from "./live-figure.module.css";

const STATES = {
  connecting: "connecting…",
  live: "last 5 minutes",
  unavailable: "not available now",
  lost: "connection lost; it comes back by itself",
} as const;

/** Viewers of the last five minutes, as they come. */
export function LiveFigure() {
  const { stats, state } = useLive();
  return (
    <Link to="/live" className={styles["figure"]} data-state={state}>
      <span className={styles["label"]}>
        <span className={styles["dot"]} aria-hidden="true" /> Viewers now
      </span>
      <span className={styles["value"]}>{formatCount(stats?.viewers)}</span>
      <span className="muted">
        {state === "live" ? `${formatCount(stats?.views)} views, ${STATES.live}` : STATES[state]}
      </span>
    </Link>
  );
}
