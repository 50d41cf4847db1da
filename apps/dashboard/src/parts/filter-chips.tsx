import { X } from "lucide-react";
import { useRef } from "react";
import { DIMENSIONS } from "../address/address.ts";
import { useAddress } from "../address/use-address.ts";
import { DIMENSION_LABELS, nameOfValue } from "../format/values.ts";
import { AddFilter } from "./add-filter.tsx";
import { BOTS_LABELS } from "./more-menu.tsx";
import styles from "./period-bar.module.css";

/** What narrows the views that are shown, each with a button that removes it. */
export function FilterChips({
  hasFilters,
  hasCategory,
  modelId,
}: {
  hasFilters: boolean;
  hasCategory: boolean;
  modelId: string | undefined;
}) {
  const { address, go } = useAddress();
  const { filters, bots, category, tz } = address;
  const list = useRef<HTMLUListElement>(null);
  // The button that was pressed is gone afterwards; without this the focus would be at the top of the page.
  const thenFocus = (change: Parameters<typeof go>[0]) => {
    go(change);
    list.current?.querySelector<HTMLElement>("[data-add], button")?.focus();
  };
  return (
    <ul ref={list} className={styles["chips"]} aria-label="Filters">
      {hasFilters &&
        DIMENSIONS.map((dimension) => {
          const value = filters[dimension];
          if (value === undefined) return null;
          const label = `${DIMENSION_LABELS[dimension]}: ${nameOfValue(dimension, value)}`;
          return (
            <Chip
              key={dimension}
              label={label}
              onRemove={() => thenFocus({ filters: { ...filters, [dimension]: undefined } })}
            />
          );
        })}
      {hasCategory && category !== undefined && (
        <Chip label={`Category: ${category}`} onRemove={() => thenFocus({ category: undefined })} />
      )}
      {tz !== undefined && <Chip label={`Days of ${tz}`} onRemove={() => thenFocus({ tz: undefined })} />}
      {hasFilters && bots !== "exclude" && (
        <Chip label={BOTS_LABELS[bots]} onRemove={() => thenFocus({ bots: "exclude" })} />
      )}
      {hasFilters && (
        <li>
          <AddFilter modelId={modelId} />
        </li>
      )}
    </ul>
  );
}

function Chip({ label, onRemove }: { label: string; onRemove: () => void }) {
  return (
    <li className={styles["chip"]}>
      {label}
      <button type="button" aria-label={`Remove ${label}`} onClick={onRemove}>
        <X size={14} aria-hidden />
      </button>
    </li>
  );
}
