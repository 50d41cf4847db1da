import { Columns3 } from "lucide-react";
import { useAddress } from "../../address/use-address.ts";
import linkButton from "../../parts/link-button.module.css";
import { Popover } from "../../parts/popover.tsx";
import { LOOKS } from "./column-labels.ts";
import { columnsText, HIDEABLE, type HideableColumn } from "./columns.ts";
import styles from "./columns-menu.module.css";

/** Shows and hides columns. */
export function ColumnsMenu({ shown }: { shown: readonly HideableColumn[] }) {
  const { go } = useAddress();
  const toggle = (column: HideableColumn) => {
    const next = shown.includes(column) ? shown.filter((each) => each !== column) : [...shown, column];
    go({}, { columns: columnsText(next) }, { replace: true });
  };
  return (
    <Popover
      name="Columns"
      width={200}
      className={linkButton["button"]}
      button={
        <>
          <Columns3 size={14} aria-hidden="true" />
          Columns
        </>
      }
    >
      {() => (
        <ul className={styles["columns"]}>
          {HIDEABLE.map((column) => (
            <li key={column}>
              <label>
                <input type="checkbox" checked={shown.includes(column)} onChange={() => toggle(column)} />
                {LOOKS[column].label}
              </label>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
