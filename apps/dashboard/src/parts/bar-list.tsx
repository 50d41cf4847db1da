import type { Dimension, Share } from "@model-views/shared/contracts/breakdown.ts";
import { Link } from "@tanstack/react-router";
import { formatCount, formatShare } from "../format/numbers.ts";
import { DIMENSION_LABELS, nameOfValue } from "../format/values.ts";
import styles from "./bar-list.module.css";

export type BarListProps = {
  dimension: Dimension;
  items: readonly Share[];
  /** The search of an address that shows only this value. */
  searchOf: (value: string | null) => Readonly<Record<string, string>>;
};

/** Values by their views, with a bar for the share. A value's link shows only its views. */
export function BarList({ dimension, items, searchOf }: BarListProps) {
  // Views without a value are often most of them: they would make every other bar a line.
  const most = Math.max(...items.filter(({ value }) => value !== null).map(({ share }) => share), 0);
  return (
    <table className={styles["list"]}>
      <thead>
        <tr>
          <th scope="col">{DIMENSION_LABELS[dimension]}</th>
          <th scope="col" className="number">
            Views
          </th>
          <th scope="col" className="number">
            Viewers
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ value, views, uniqueViews, share }) => (
          <tr key={value ?? ""}>
            <th scope="row">
              <span
                className={styles["bar"]}
                style={{ width: `${value === null || most === 0 ? 0 : (share / most) * 100}%` }}
                aria-hidden="true"
              />
              <Link
                to="."
                search={searchOf(value) as never}
                resetScroll={false}
                data-row=""
                title={value ?? undefined}
              >
                {nameOfValue(dimension, value)}
              </Link>
            </th>
            <td className="number" title={formatShare(share)}>
              {formatCount(views)} <span className={styles["share"]}>{formatShare(share)}</span>
            </td>
            <td className="number muted">{formatCount(uniqueViews)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
