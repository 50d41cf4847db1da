import type { FrontPageSeat } from "@model-views/shared/contracts/front-page.ts";
import { Link } from "@tanstack/react-router";
import { Lock, LockOpen, X } from "lucide-react";
import { useAddress } from "../../address/use-address.ts";
import { formatCount } from "../../format/numbers.ts";
import styles from "./front-page.module.css";
import type { Rules } from "./rules.ts";

/** The seats, each with why its model has it, and with buttons to lock it or to leave the model out. */
export function Seats({
  items,
  rules,
  change,
}: {
  items: readonly FrontPageSeat[];
  rules: Rules;
  change: (part: Partial<Rules>) => void;
}) {
  const { shared } = useAddress();
  const toggleLock = ({ modelId, seat }: FrontPageSeat) => {
    const locked = new Map(rules.locked);
    if (!locked.delete(modelId)) locked.set(modelId, seat);
    change({ locked });
  };
  return (
    <ol className={styles["seats"]}>
      {items.map((item) => {
        const { seat, modelId, name, category, isLocked, isNew, why, totalViews, uniqueViews } = item;
        return (
          <li key={modelId} value={seat} className={styles["seat"]}>
            <span className={styles["place"]} aria-hidden="true">
              {seat}
            </span>
            <div className={styles["who"]}>
              <Link to="/models/$modelId" params={{ modelId }} search={shared as never} data-row="">
                {name}
              </Link>{" "}
              <span className="muted">{category}</span> {isNew && <span className={styles["new"]}>new</span>}
              <p className="muted">
                {why?.text ?? `${formatCount(totalViews)} views by ${formatCount(uniqueViews)} viewers`}
              </p>
            </div>
            <button
              type="button"
              aria-pressed={isLocked}
              aria-label={isLocked ? `Release the seat of ${name}` : `Lock ${name} on seat ${seat}`}
              onClick={() => toggleLock(item)}
            >
              {isLocked ? <Lock size={15} aria-hidden /> : <LockOpen size={15} aria-hidden />}
            </button>
            <button
              type="button"
              aria-label={`Leave ${name} out`}
              onClick={() => {
                const locked = new Map(rules.locked);
                locked.delete(modelId);
                change({ locked, excluded: [...rules.excluded, modelId] });
              }}
            >
              <X size={15} aria-hidden />
            </button>
          </li>
        );
      })}
    </ol>
  );
}
