import type { Interval } from "@model-views/shared/contracts/timeseries.ts";
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useRef } from "react";
import { COMPARISONS, type Comparison, type WrongPart } from "../address/address.ts";
import { fits } from "../address/period.ts";
import { shiftRange } from "../address/shift-range.ts";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { useSite } from "../api/site.tsx";
import { useShortcut } from "../keys/shortcuts-provider.tsx";
import { CategoryMenu } from "./category-menu.tsx";
import { FilterChips } from "./filter-chips.tsx";
import { MoreMenu } from "./more-menu.tsx";
import { narrowingsOf } from "./narrowing.ts";
import styles from "./period-bar.module.css";
import { PERIOD_MENU_ID, PeriodMenu } from "./period-menu.tsx";
import { COMPARISON_LABELS, describePeriod } from "./period-words.ts";
import { WrongParts } from "./wrong-parts.tsx";

export type PeriodBarProps = {
  /** Which controls the page has a use for. All but the category are there by default. */
  has?: { comparison?: boolean; interval?: boolean; filters?: boolean; category?: boolean };
  /** Of which model filters suggest values; left out: of the site. */
  modelId?: string;
  /** Wrong parts of the address that only this page knows. */
  wrong?: readonly WrongPart[];
};

/** The bar under the title of pages that are about a period. It says in words what is shown, and changes the address alone. */
export function PeriodBar({ has = {}, modelId, wrong = [] }: PeriodBarProps) {
  const { comparison = true, interval = true, filters = true, category = false } = has;
  const used = useAddress();
  const { address, go } = used;
  const period = usePeriod();
  const site = useSite();
  const before = shiftRange(address, -1, site);
  const after = shiftRange(address, 1, site);
  const narrowings = narrowingsOf(address, { filters, category });
  const toggleComparison = useComparisonToggle();

  useShortcut((action) => {
    if (action.do === "range") go({ range: action.range });
    else if (action.do === "own-days") document.getElementById(PERIOD_MENU_ID)?.showPopover();
    else if (action.do === "compare" && comparison) toggleComparison();
    else if (action.do === "shift") {
      const range = action.by === -1 ? before : after;
      if (range === undefined) return false;
      go({ range });
    } else return false;
    return true;
  });

  return (
    <section className={styles["bar"]} aria-label="Period and filters">
      <div className={`${styles["controls"]} screen-only`}>
        <div className={styles["joined"]}>
          <button
            type="button"
            aria-label="The period before"
            aria-keyshortcuts="ArrowLeft"
            disabled={before === undefined}
            onClick={() => before !== undefined && go({ range: before })}
          >
            <ChevronLeft size={16} aria-hidden />
          </button>
          <PeriodMenu />
          <button
            type="button"
            aria-label="The period after"
            aria-keyshortcuts="ArrowRight"
            disabled={after === undefined}
            onClick={() => after !== undefined && go({ range: after })}
          >
            <ChevronRight size={16} aria-hidden />
          </button>
        </div>
        {comparison && (
          <select
            aria-label="Compare with"
            aria-keyshortcuts="X"
            value={address.compare}
            onChange={(event) => go({ compare: event.target.value as Comparison })}
          >
            {COMPARISONS.map((each) => (
              <option key={each} value={each}>
                {COMPARISON_LABELS[each]}
              </option>
            ))}
          </select>
        )}
        {interval && <IntervalSelect days={period.days} />}
        {category && <CategoryMenu />}
        <FilterChips narrowings={narrowings} hasFilters={filters} modelId={modelId}>
          <MoreMenu hasBots={filters} />
        </FilterChips>
      </div>
      <p className={styles["words"]} aria-live="polite">
        {describePeriod(period, comparison ? address.compare : "none")}
        {narrowings.length > 0 && (
          <span className="print-only"> · {narrowings.map(({ label }) => label).join(" · ")}</span>
        )}
      </p>
      <WrongParts wrong={[...used.wrong, ...daysToCome(address.range, period.firstDay), ...wrong]} />
    </section>
  );
}

/** Switches the comparison off, and back to the one that it was. */
function useComparisonToggle(): () => void {
  const { address, go } = useAddress();
  const last = useRef<Comparison>("days");
  if (address.compare !== "none") last.current = address.compare;
  return () => go({ compare: address.compare === "none" ? last.current : "none" });
}

const INTERVALS = ["hour", "day", "week", "month"] as const satisfies readonly Interval[];

function IntervalSelect({ days }: { days: number }) {
  const { address, go } = useAddress();
  const { interval } = usePeriod();
  return (
    <select
      aria-label="Interval of the charts"
      value={address.interval === interval ? interval : ""}
      onChange={(event) => go({ interval: (event.target.value || undefined) as Interval | undefined })}
    >
      <option value="">{address.interval === interval ? "Automatic" : `By ${interval} (automatic)`}</option>
      {INTERVALS.map((each) => (
        <option key={each} value={each} disabled={!fits(each, days)}>
          By {each}
        </option>
      ))}
    </select>
  );
}

function daysToCome(
  range: ReturnType<typeof useAddress>["address"]["range"],
  shownFrom: string,
): WrongPart[] {
  if (typeof range === "string" || range.from <= shownFrom) return [];
  return [{ name: "from", value: range.from, why: "has not come yet, so today is shown" }];
}
