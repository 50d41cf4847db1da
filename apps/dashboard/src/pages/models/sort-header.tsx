import { ArrowDown, ArrowUp } from "lucide-react";
import type { CSSProperties } from "react";
import { useAddress } from "../../address/use-address.ts";
import { LOOKS } from "./column-labels.ts";
import { type Column, isAscending, type Sort, sortAfterClick, sortText } from "./columns.ts";
import styles from "./models-table.module.css";

/** A column's header: a button that sorts by it, and the other way round when it does already. */
export function SortHeader({ column, sort }: { column: Column; sort: Sort }) {
  const { go } = useAddress();
  const { label, about, width, isNumber } = LOOKS[column];
  const isSorted = sort.column === column;
  const Arrow = isAscending(sort) ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      data-column={column}
      style={{ "--width": column === "name" ? "auto" : `${width}px` } as CSSProperties}
      className={isNumber ? "number" : undefined}
      aria-sort={isSorted ? (isAscending(sort) ? "ascending" : "descending") : "none"}
    >
      <button
        type="button"
        className={styles["sort"]}
        title={about}
        onClick={() => go({}, { sort: sortText(sortAfterClick(sort, column)) })}
      >
        {label}
        <Arrow size={13} aria-hidden="true" className={isSorted ? undefined : styles["unsorted"]} />
      </button>
    </th>
  );
}
