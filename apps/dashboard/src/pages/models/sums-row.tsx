import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import { useMemo } from "react";
import { formatCount } from "../../format/numbers.ts";
import { CountChange } from "../../parts/count-change.tsx";
import type { Column } from "./columns.ts";
import { type Sums, sumsOf } from "./filter-rows.ts";
import styles from "./models-table.module.css";

const NOT_ADDITIVE =
  "Viewers do not add up: one viewer may have seen several models. Select models to see how many saw any of them.";

/** What the shown rows are together. */
export function SumsRow({ rows, columns }: { rows: readonly ModelRow[]; columns: readonly Column[] }) {
  const sums = useMemo(() => sumsOf(rows), [rows]);
  return (
    <tfoot>
      <tr aria-rowindex={rows.length + 2}>
        <td data-column="check" />
        {columns.map((column) =>
          column === "name" ? (
            <th key={column} scope="row" data-column={column}>
              Together
            </th>
          ) : (
            <SumCell key={column} column={column} sums={sums} />
          ),
        )}
      </tr>
    </tfoot>
  );
}

function SumCell({ column, sums }: { column: Column; sums: Sums }) {
  if (column === "views") {
    const isPart = sums.unknown > 0;
    return (
      <td
        data-column={column}
        className="number"
        title={isPart ? `Without ${formatCount(sums.unknown)} models whose views are not known` : undefined}
      >
        {isPart && "≥ "}
        {formatCount(sums.views)}
      </td>
    );
  }
  if (column === "viewers") {
    return (
      <td data-column={column} className={`number ${styles["note"]}`} title={NOT_ADDITIVE}>
        not additive
        <span className="hidden-text">. {NOT_ADDITIVE}</span>
      </td>
    );
  }
  return (
    <td data-column={column} className="number">
      {column === "change" && sums.unknown === 0 && (
        <CountChange now={sums.views} before={sums.viewsBefore} />
      )}
    </td>
  );
}
