import type { ModelsTable as Answer, ModelRow as Row } from "@model-views/shared/contracts/models-table.ts";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, useCallback, useEffect, useEffectEvent, useMemo, useRef } from "react";
import type { AskedPeriod } from "../../address/use-period.ts";
import { CHECK_WIDTH, LOOKS } from "./column-labels.ts";
import { COLUMNS, type Column, type TableAddress } from "./columns.ts";
import { ModelRow } from "./model-row.tsx";
import styles from "./models-table.module.css";
import { SortHeader } from "./sort-header.tsx";
import { SumsRow } from "./sums-row.tsx";
import { useSelection } from "./use-selection.ts";
import { useRowFocus, useTableKeys } from "./use-table-keys.ts";

const ROW_HEIGHT = 44;
/** Rows beyond the seen ones on both sides. */
const OVERSCAN = 8;
/** As many rows are all in the document: searching in the page, and printing it, finds them. */
const ROWS_ALWAYS = 120;

export type ModelsTableProps = {
  answer: Answer;
  /** Filtered and sorted. */
  rows: readonly Row[];
  table: TableAddress;
  chosen: readonly string[];
  period: AskedPeriod;
};

/**
 * The table of models. Of many, only the rows that are seen are in the document, so `aria-rowcount` and `aria-rowindex` say which
 * ones they are. One row can be reached with Tab; the keys of {@link useTableKeys} move from there.
 */
export function ModelsTable({ answer, rows, table, chosen, period }: ModelsTableProps) {
  const columns = useMemo(() => shownColumns(table.columns, answer), [table.columns, answer]);
  const { toggle, isFull } = useSelection(chosen);
  const keys = useTableKeys(rows, toggle);
  const { ref: scroller, activeIndex } = keys;
  const rangeExtractor = useCallback(
    (range: Range) => withRow(defaultRangeExtractor(range), activeIndex),
    [activeIndex],
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: rows.length <= ROWS_ALWAYS ? ROWS_ALWAYS : OVERSCAN,
    initialRect: { width: 1_200, height: 800 },
    scrollPaddingStart: ROW_HEIGHT,
    scrollPaddingEnd: ROW_HEIGHT,
    rangeExtractor,
  });
  useRowFocus(keys, virtualizer);
  // Another order begins at its top.
  const order = `${table.sort.column} ${table.sort.isReversed} ${table.text}`;
  const toTop = useEffectEvent(() => scroller.current?.scrollTo({ top: 0 }));
  const shownOrder = useRef(order);
  useEffect(() => {
    if (shownOrder.current !== order) toTop();
    shownOrder.current = order;
  }, [order]);

  const items = virtualizer.getVirtualItems();
  const isChosen = useMemo(() => new Set(chosen), [chosen]);
  let end = 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the links and checkboxes inside
    <div
      ref={scroller}
      className={styles["scroller"]}
      data-selecting={chosen.length > 0 || undefined}
      onKeyDown={keys.onKeyDown}
      onFocus={keys.onFocus}
    >
      <table
        className={styles["table"]}
        aria-label="Models"
        aria-rowcount={rows.length + 2}
        style={
          {
            "--columns-width": `${columns.reduce((sum, column) => sum + LOOKS[column].width, CHECK_WIDTH)}px`,
          } as CSSProperties
        }
      >
        <thead>
          <tr aria-rowindex={1}>
            <th scope="col" data-column="check" style={{ "--width": `${CHECK_WIDTH}px` } as CSSProperties}>
              <span className="hidden-text">Selected</span>
            </th>
            {columns.map((column) => (
              <SortHeader key={column} column={column} sort={table.sort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {items.flatMap((item) => {
            const row = rows[item.index];
            if (row === undefined) return [];
            const gap = item.start - end;
            end = item.end;
            const isSelected = isChosen.has(row.modelId);
            return [
              gap > 0 && <Gap key={`before ${row.modelId}`} height={gap} />,
              <ModelRow
                key={row.modelId}
                row={row}
                index={item.index}
                columns={columns}
                isSelected={isSelected}
                isActive={item.index === activeIndex}
                isDisabled={isFull && !isSelected}
                onToggle={toggle}
                tz={period.tz}
                isOpen={period.isOpen}
                asOf={answer.asOf}
              />,
            ];
          })}
          <Gap height={virtualizer.getTotalSize() - end} />
          {rows.length === 0 && (
            <tr>
              <td colSpan={columns.length + 1} className={styles["none"]}>
                No model is like this. Change the name or the category above.
              </td>
            </tr>
          )}
        </tbody>
        <SumsRow rows={rows} columns={columns} />
      </table>
    </div>
  );
}

/** In place of rows that are not in the document. */
function Gap({ height }: { height: number }) {
  return height <= 0 ? null : (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row cannot get the focus, and this one is no row for screen readers
    <tr aria-hidden="true" className={styles["gap"]}>
      <td style={{ height }} />
    </tr>
  );
}

/** Without those that the answer has nothing for. */
function shownColumns(wanted: TableAddress["columns"], { items }: Answer): readonly Column[] {
  const [first] = items;
  return COLUMNS.filter((column) => {
    if (column === "name") return true;
    if (column === "change" && first?.previous === undefined) return false;
    if (column === "trend" && first?.series === undefined) return false;
    return wanted.includes(column);
  });
}

/** The row that has the focus stays in the document wherever it is. */
function withRow(indexes: number[], index: number): number[] {
  const [first, last] = [indexes[0], indexes.at(-1)];
  if (index < 0 || first === undefined || last === undefined) return indexes;
  if (index < first) return [index, ...indexes];
  return index > last ? [...indexes, index] : indexes;
}
