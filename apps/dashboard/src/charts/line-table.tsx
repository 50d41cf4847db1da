import { useState } from "react";
import styles from "./line-chart.module.css";
import type { LineChartProps } from "./lines.ts";
import { ScrollArea } from "./scroll-area.tsx";

/** What a chart shows, as a table: rendered when it is opened. */
export function LineTable({ label, steps, lines, format, isLastOpen }: LineChartProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={styles["twin"]} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>As a table</summary>
      {isOpen && (
        <ScrollArea label={label} className={styles["rows"] ?? ""}>
          <table>
            <thead>
              <tr>
                <td />
                {lines.map(({ key, label: name }) => (
                  <th key={key} scope="col" className="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {steps.map(({ name }, index) => (
                <tr key={name}>
                  <th scope="row">
                    {name}
                    {isLastOpen === true && index === steps.length - 1 && ", until now"}
                  </th>
                  {lines.map(({ key, values, nameAt, noteAt }) => (
                    <td key={key} className="number" title={nameAt?.(index) || noteAt?.(index)}>
                      {format(values[index] ?? null)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </details>
  );
}
