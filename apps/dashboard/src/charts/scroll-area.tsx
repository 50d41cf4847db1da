import type { ReactNode } from "react";
import styles from "./scroll-area.module.css";

/** What may be wider or longer than its place, such as a table on a phone: it scrolls by pointer, and by keys when it has the focus. */
export function ScrollArea({
  label,
  className = "",
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: without the focus, keys could not scroll it (axe: scrollable-region-focusable)
    <section className={`${styles["area"]} ${className}`} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
