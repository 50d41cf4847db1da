import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import { Search } from "lucide-react";
import { type ChangeEvent, useEffect, useMemo, useRef, useState } from "react";
import { useAddress } from "../../address/use-address.ts";
import { formatCount } from "../../format/numbers.ts";
import { categoriesOf } from "./filter-rows.ts";
import styles from "./table-filters.module.css";

/** Milliseconds after the last key until what was typed is in the address: browsers allow few changes of it a second. */
const TYPING_MS = 120;

/** The models that the table shows: by a part of their names, and by category. */
export function TableFilters({ rows }: { rows: readonly ModelRow[] }) {
  const { address, go } = useAddress();
  const categories = useMemo(() => categoriesOf(rows), [rows]);
  const { category } = address;
  const isListed = category === undefined || categories.some((each) => each.category === category);
  return (
    <div className={styles["filters"]}>
      <NameFilter />
      <select
        aria-label="Category"
        value={category ?? ""}
        onChange={({ target }) => go({ category: target.value === "" ? undefined : target.value })}
      >
        <option value="">All categories</option>
        {!isListed && <option value={category}>{category}</option>}
        {categories.map((each) => (
          <option key={each.category} value={each.category}>
            {each.category} ({formatCount(each.models)})
          </option>
        ))}
      </select>
      <p className={styles["keys"]}>
        In the table: <kbd>j</kbd> <kbd>k</kbd> move, <kbd>Enter</kbd> opens, <kbd>x</kbd> or <kbd>Space</kbd>{" "}
        selects
      </p>
    </div>
  );
}

function NameFilter() {
  const { search, go } = useAddress();
  const inAddress = search["q"] ?? "";
  const [typed, setTyped] = useState(inAddress);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const written = useRef(inAddress);

  // Going back, or a link, changes the address without a key.
  useEffect(() => {
    if (inAddress === written.current) return;
    written.current = inAddress;
    clearTimeout(timer.current);
    setTyped(inAddress);
  }, [inAddress]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const goNow = useRef(go);
  goNow.current = go;
  function type({ target: { value } }: ChangeEvent<HTMLInputElement>) {
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      written.current = value;
      goNow.current({}, { q: value === "" ? undefined : value }, { replace: true });
    }, TYPING_MS);
  }

  return (
    <label className={styles["name"]}>
      <Search size={15} aria-hidden="true" />
      <span className="hidden-text">Models whose name contains</span>
      <input type="search" value={typed} onChange={type} placeholder="Name contains…" autoComplete="off" />
    </label>
  );
}
