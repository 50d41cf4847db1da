import { Link } from "@tanstack/react-router";
import { useAddress } from "../../address/use-address.ts";
import { useLive } from "../../api/live.tsx";
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
  const { figures, connection } = useLive();
  const { address } = useAddress();
  const isFiltered = Object.keys(address.filters).length > 0 || address.bots !== "exclude";
  return (
    <Link to="/live" className={styles["figure"]} data-state={connection}>
      <span className={styles["label"]}>
        <span className={styles["dot"]} aria-hidden="true" /> Viewers now
      </span>
      <span className={styles["value"]}>{formatCount(figures?.viewers)}</span>
      <span className="muted">
        {connection === "live" ? `${formatCount(figures?.views)} views, ${STATES.live}` : STATES[connection]}
        {isFiltered && " · whole site, without filters"}
      </span>
    </Link>
  );
}
