import styles from "./line-chart.module.css";
import { DASHES, type LineChartProps } from "./lines.ts";

/** Pixels that it takes at most. */
const WIDTH = 240;

/** The values at the step that is read, beside it. */
export function LineReading({
  steps,
  lines,
  format,
  isLastOpen,
  active,
  left,
  width,
}: LineChartProps & { active: number | undefined; left: number; width: number }) {
  const step = active === undefined ? undefined : steps[active];
  const isOpen = isLastOpen === true && active === steps.length - 1;
  const isLeft = left > width / 2;
  return (
    <div
      className={styles["reading"]}
      aria-hidden="true"
      hidden={step === undefined}
      style={
        isLeft
          ? { right: Math.max(width - left + 12, 0), maxWidth: WIDTH }
          : { left: left + 12, maxWidth: WIDTH }
      }
    >
      {step !== undefined && active !== undefined && (
        <>
          <p>
            {step.name}
            {isOpen && ", until now"}
          </p>
          <ul>
            {lines.map(({ key, label, color, values, nameAt, noteAt, dash }, index) => (
              <li key={key}>
                <LineKey color={color} dash={dash ?? DASHES[index]} />
                <span>{nameAt?.(active) || label}</span>
                <strong>{format(values[active] ?? null)}</strong>
                <small>{noteAt?.(active)}</small>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** The values at a step in one sentence. */
export function readingText({ steps, lines, format, isLastOpen }: LineChartProps, at: number): string {
  const until = isLastOpen === true && at === steps.length - 1 ? ", until now" : "";
  const values = lines.map(({ label, values: of, nameAt, noteAt }) => {
    const [name, note] = [nameAt?.(at), noteAt?.(at)];
    return `${label}${name ? `, ${name},` : ""} ${format(of[at] ?? null)}${note ? ` (${note})` : ""}`;
  });
  return `${steps[at]?.name ?? ""}${until}: ${values.join("; ")}`;
}

/** A short piece of a line: its color, and its dashes. */
export function LineKey({ color, dash = "" }: { color: string; dash?: string | undefined }) {
  return (
    <svg width="20" height="8" aria-hidden="true" className={styles["key"]}>
      <line x1="0" x2="20" y1="4" y2="4" stroke={color} strokeWidth="2.5" strokeDasharray={dash} />
    </svg>
  );
}
