import type { ModelRow as Row } from "@model-views/shared/contracts/models-table.ts";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";
import { dayIn } from "../../address/days.ts";
import { useAddress } from "../../address/use-address.ts";
import { formatAgo, formatDay, formatInstant } from "../../format/dates.ts";
import { formatCount, UNKNOWN } from "../../format/numbers.ts";
import { CountChange } from "../../parts/count-change.tsx";
import { LOOKS } from "./column-labels.ts";
import type { Column } from "./columns.ts";
import styles from "./models-table.module.css";
import { TrendLine } from "./trend-line.tsx";

export type ModelRowProps = {
  row: Row;
  /** From 0. */
  index: number;
  columns: readonly Column[];
  isSelected: boolean;
  /** Whether Tab stops at it. */
  isActive: boolean;
  isDisabled: boolean;
  onToggle: (modelId: string) => void;
  tz: string;
  isOpen: boolean;
  asOf: string;
};

/** A row of the table. It is rendered anew only when something of it has changed: while scrolling, most rows stay. */
export const ModelRow = memo(function ModelRow(props: ModelRowProps) {
  const { row, index, columns, isSelected, isActive, isDisabled, onToggle } = props;
  const tabIndex = isActive ? 0 : -1;
  return (
    <tr aria-rowindex={index + 2} data-model={row.modelId} data-selected={isSelected || undefined}>
      <td data-column="check">
        <label className={styles["check"]}>
          <input
            type="checkbox"
            tabIndex={tabIndex}
            checked={isSelected}
            disabled={isDisabled}
            onChange={() => onToggle(row.modelId)}
          />
          <span className="hidden-text">Select {row.name}</span>
        </label>
      </td>
      {columns.map((column) =>
        column === "name" ? (
          <NameCell key={column} row={row} tabIndex={tabIndex} />
        ) : (
          <td key={column} data-column={column} className={LOOKS[column].isNumber ? "number" : undefined}>
            {contentOf(column, props)}
          </td>
        ),
      )}
    </tr>
  );
});

function NameCell({ row, tabIndex }: { row: Row; tabIndex: number }) {
  const { shared } = useAddress();
  return (
    <th scope="row" data-column="name">
      <Link
        to="/models/$modelId"
        params={{ modelId: row.modelId }}
        search={shared as never}
        tabIndex={tabIndex}
        data-row=""
        title={row.name}
      >
        {row.name}
      </Link>
      {row.category !== null && <span className={styles["under"]}>{row.category}</span>}
    </th>
  );
}

function contentOf(column: Exclude<Column, "name">, { row, tz, asOf, isOpen }: ModelRowProps): ReactNode {
  switch (column) {
    case "category":
      return row.category ?? <Unknown why="No category" />;
    case "views":
      return row.totalViews === null ? <Unknown why={REMOVED_VIEWS} /> : formatCount(row.totalViews);
    case "viewers":
      return row.uniqueViews === null ? <Unknown why={REMOVED_VIEWERS} /> : formatCount(row.uniqueViews);
    case "change":
      return <CountChange now={row.totalViews} before={row.previous?.totalViews} />;
    case "trend":
      return row.series === undefined ? null : <TrendLine values={row.series} isOpen={isOpen} />;
    case "viewed":
      if (row.lastViewedAt === null && row.totalViews !== 0) return <Unknown why={REMOVED_LAST} />;
      return row.lastViewedAt === null ? (
        <span className="muted">not viewed</span>
      ) : (
        <time dateTime={row.lastViewedAt} title={formatInstant(row.lastViewedAt, tz)}>
          {isOpen
            ? formatAgo(row.lastViewedAt, new Date(asOf))
            : formatDay(dayIn(new Date(row.lastViewedAt), tz))}
        </time>
      );
    case "added":
      return (
        <time dateTime={row.createdAt} title={formatInstant(row.createdAt, tz)}>
          {formatDay(dayIn(new Date(row.createdAt), tz))}
        </time>
      );
  }
}

export const REMOVED_VIEWS = "Not known: views of the period have been removed by retention";
const REMOVED_LAST = "Not known: the last view of the period has been removed by retention";
export const REMOVED_VIEWERS = "Not known: who viewed in the period has been removed by retention";

function Unknown({ why }: { why: string }) {
  return (
    <span className="muted" title={why}>
      {UNKNOWN}
      <span className="hidden-text">{why}</span>
    </span>
  );
}
