import { formatCount } from "../format/numbers.ts";
import { CountChange } from "./count-change.tsx";
import styles from "./figure.module.css";

export type FigureProps = {
  label: string;
  /** Null: retention has removed what an exact answer needs. */
  value: number | null | undefined;
  /** Of the period that it is compared with. */
  before: number | null | undefined;
  isLoading: boolean;
  isStale: boolean;
  /** Whether the chart shows it. */
  isSelected: boolean;
  onSelect: () => void;
};

/** A large number with its change, which chooses what the chart shows. */
export function Figure({ label, value, before, isLoading, isStale, isSelected, onSelect }: FigureProps) {
  return (
    <button
      type="button"
      className={styles["figure"]}
      aria-pressed={isSelected}
      data-stale={isStale || undefined}
      onClick={onSelect}
    >
      <span className={styles["label"]}>{label}</span>
      <span className={styles["value"]}>{isLoading ? "…" : formatCount(value)}</span>
      <span className={styles["change"]}>
        {value === null ? "removed by retention" : <CountChange now={value} before={before} />}
      </span>
    </button>
  );
}
