import { changeOf, formatCount } from "../format/numbers.ts";
import styles from "./count-change.module.css";

/** How a number has changed, and the one before: `+12% from 1,204`. Small numbers without a percentage. Nothing where one is not known. */
export function CountChange({
  now,
  before,
}: {
  now: number | null | undefined;
  before: number | null | undefined;
}) {
  const change = changeOf(now, before);
  if (change === undefined || before == null) return null;
  const isPercent = change.text.includes("%");
  return (
    <span>
      <span className={styles[change.direction]}>{change.text}</span>
      {isPercent && <span className={styles["before"]}> from {formatCount(before)}</span>}
    </span>
  );
}
