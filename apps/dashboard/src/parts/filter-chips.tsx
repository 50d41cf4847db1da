import { X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { useAddress } from "../address/use-address.ts";
import { AddFilter } from "./add-filter.tsx";
import type { Narrowing } from "./narrowing.ts";
import styles from "./period-bar.module.css";

/** What narrows the views that are shown, each with a button that removes it. */
export function FilterChips({
  narrowings,
  hasFilters,
  modelId,
  children,
}: {
  narrowings: readonly Narrowing[];
  hasFilters: boolean;
  modelId: string | undefined;
  /** What stands behind the filters. */
  children: ReactNode;
}) {
  const { go } = useAddress();
  const list = useRef<HTMLUListElement>(null);

  function remove({ without }: Narrowing) {
    go(without);
    // The button that was pressed is gone afterwards; without this the focus would be at the top of the page.
    list.current?.querySelector<HTMLElement>("li:not([data-chip]) button")?.focus();
  }

  return (
    <ul ref={list} className={styles["chips"]} aria-label="Filters and more">
      {narrowings.map((narrowing) => (
        <li key={narrowing.label} className={styles["chip"]} data-chip>
          {narrowing.label}
          <button type="button" aria-label={`Remove ${narrowing.label}`} onClick={() => remove(narrowing)}>
            <X size={14} aria-hidden />
          </button>
        </li>
      ))}
      {hasFilters && (
        <li>
          <AddFilter modelId={modelId} />
        </li>
      )}
      <li>{children}</li>
    </ul>
  );
}
