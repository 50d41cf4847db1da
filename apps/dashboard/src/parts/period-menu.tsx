import { Link } from "@tanstack/react-router";
import { ChevronDown } from "lucide-react";
import type { FormEvent } from "react";
import { todayOf } from "../address/period.ts";
import { RANGE_LABELS, RANGES } from "../address/ranges.ts";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { useSite } from "../api/site.tsx";
import { formatDays } from "../format/dates.ts";
import { RANGE_KEYS } from "../keys/shortcuts.ts";
import { useShortcuts } from "../keys/shortcuts-provider.tsx";
import styles from "./period-bar.module.css";
import { Popover } from "./popover.tsx";

export const PERIOD_MENU_ID = "period-menu";

/** Chooses the period: a word, or days. */
export function PeriodMenu() {
  const { address, searchWith } = useAddress();
  const { isOn } = useShortcuts();
  const { range } = address;
  const label = typeof range === "string" ? RANGE_LABELS[range] : formatDays(range.from, range.to);
  return (
    <Popover
      id={PERIOD_MENU_ID}
      name="Period"
      className={styles["period"]}
      button={
        <>
          {label}
          <ChevronDown size={16} aria-hidden />
        </>
      }
    >
      {(close) => (
        <>
          <ul className={styles["choices"]}>
            {RANGES.map((word) => (
              <li key={word}>
                <Link
                  to="."
                  search={searchWith({ range: word }) as never}
                  resetScroll={false}
                  aria-current={range === word ? "true" : undefined}
                  onClick={close}
                >
                  {RANGE_LABELS[word]}
                  {isOn && <kbd aria-hidden>{RANGE_KEYS[word].toUpperCase()}</kbd>}
                </Link>
              </li>
            ))}
          </ul>
          <OwnDays close={close} />
        </>
      )}
    </Popover>
  );
}

function OwnDays({ close }: { close: () => void }) {
  const { go } = useAddress();
  const { firstDay, lastDay, tz } = usePeriod();
  const today = todayOf(useSite(), tz);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const [one = "", other = ""] = [String(data.get("from")), String(data.get("to"))].sort();
    go({ range: { from: one, to: other } });
    close();
  }

  return (
    <form className={styles["days"]} onSubmit={submit}>
      <label>
        From
        <input type="date" name="from" required defaultValue={firstDay} max={today} data-first />
      </label>
      <label>
        To, included
        <input type="date" name="to" required defaultValue={lastDay} max={today} />
      </label>
      <button type="submit" className="primary">
        Show these days
      </button>
    </form>
  );
}
