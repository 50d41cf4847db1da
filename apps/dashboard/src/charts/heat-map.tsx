import { max } from "d3-array";
import { type KeyboardEvent, useRef, useState } from "react";
import { dateFormat } from "../format/date-format.ts";
import { formatCount } from "../format/numbers.ts";
import styles from "./heat-map.module.css";

export type HeatMapProps = {
  label: string;
  /** Weekdays 1 (Monday) to 7, hours 0 to 23. */
  items: readonly { weekday: number; hour: number; views: number }[];
};

const DAYS = 7;
const HOURS = 24;
const STEPS = 5;

/** Views by weekday and hour of day. A table: the arrow keys move from cell to cell, each of which says its number. */
export function HeatMap({ label, items }: HeatMapProps) {
  const [focus, setFocus] = useState<[weekday: number, hour: number]>([1, 0]);
  const body = useRef<HTMLTableSectionElement>(null);
  const views = new Map(items.map((item) => [item.weekday * HOURS + item.hour, item.views]));
  const most = max(items, (item) => item.views) ?? 0;
  const busiest = items.find((item) => item.views === most);

  function onKeyDown(event: KeyboardEvent) {
    const [down, right] =
      { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key] ?? [];
    if (down === undefined || right === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const weekday = Math.min(Math.max(focus[0] + down, 1), DAYS);
    const hour = Math.min(Math.max(focus[1] + right, 0), HOURS - 1);
    setFocus([weekday, hour]);
    body.current?.querySelector<HTMLElement>(`[data-cell="${weekday}-${hour}"]`)?.focus();
  }

  return (
    <figure className={styles["figure"]}>
      <div className={styles["scroll"]}>
        <table className={styles["table"]} aria-label={label}>
          <thead>
            <tr>
              <td />
              {Array.from({ length: HOURS }, (_, hour) => (
                <th key={String(hour)} scope="col">
                  <span className={hour % 3 === 0 ? undefined : "hidden-text"}>{hour}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody ref={body}>
            {Array.from({ length: DAYS }, (_, index) => index + 1).map((weekday) => (
              <tr key={weekday}>
                <th scope="row">{dayName(weekday, "short")}</th>
                {Array.from({ length: HOURS }, (_, hour) => {
                  const count = views.get(weekday * HOURS + hour) ?? 0;
                  const text = `${dayName(weekday, "long")}, ${hour}:00 to ${hour + 1}:00: ${formatCount(count)} views`;
                  return (
                    <td key={String(hour)}>
                      <button
                        type="button"
                        data-cell={`${weekday}-${hour}`}
                        data-step={count === 0 ? 0 : Math.max(1, Math.ceil((count / most) * STEPS))}
                        title={text}
                        aria-label={text}
                        tabIndex={focus[0] === weekday && focus[1] === hour ? 0 : -1}
                        onFocus={() => setFocus([weekday, hour])}
                        onKeyDown={onKeyDown}
                      />
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className="muted">
        {busiest === undefined || most === 0
          ? "No views in this period."
          : `Most views: ${dayName(busiest.weekday, "long")}, ${busiest.hour}:00 to ${busiest.hour + 1}:00, ${formatCount(most)} in all.`}
      </figcaption>
    </figure>
  );
}

/** 5 January 2026 was a Monday. */
function dayName(weekday: number, length: "short" | "long"): string {
  const date = new Date(Date.UTC(2026, 0, 4 + weekday));
  return dateFormat(undefined, { timeZone: "UTC", weekday: length }).format(date);
}
