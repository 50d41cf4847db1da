import { ArrowLeft, ArrowRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { RANGE_LABELS, type Range } from "../address/ranges.ts";
import { PAGES, RANGE_KEYS } from "../keys/shortcuts.ts";
import { useShortcut, useShortcuts } from "../keys/shortcuts-provider.tsx";
import { Dialog } from "../parts/dialog.tsx";
import styles from "./shortcut-sheet.module.css";

const SECTIONS: readonly {
  title: string;
  keys: readonly (readonly [keys: readonly string[], what: string])[];
}[] = [
  {
    title: "Everywhere",
    keys: [
      [["/"], "Search models and pages"],
      [["j"], "Next row"],
      [["k"], "Row before"],
      [["?"], "This list"],
    ],
  },
  { title: "Go to", keys: PAGES.map(({ key, label }) => [["g", key], label] as const) },
  {
    title: "Period",
    keys: [
      ...(Object.entries(RANGE_KEYS) as [Range, string][]).map(
        ([range, key]) => [[key.toUpperCase()], RANGE_LABELS[range]] as const,
      ),
      [["C"], "Choose days"],
      [["ArrowLeft"], "The period before"],
      [["ArrowRight"], "The period after"],
      [["X"], "Comparison on or off"],
    ],
  },
];

/** As pictures, because not every font has them. */
const ARROWS: ReadonlyMap<string, ReactNode> = new Map([
  ["ArrowLeft", <ArrowLeft key="left" size={14} aria-label="Left arrow" role="img" />],
  ["ArrowRight", <ArrowRight key="right" size={14} aria-label="Right arrow" role="img" />],
]);

/** The list of shortcuts, and the switch for them. `?` opens it, and so does the menu. */
export function ShortcutSheet() {
  const [isOpen, setOpen] = useState(false);
  const { isOn, setOn } = useShortcuts();
  useShortcut((action) => {
    if (action.do !== "sheet") return false;
    setOpen(true);
    return true;
  });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      name="Keyboard shortcuts"
      className={styles["sheet"]}
    >
      <header className={styles["header"]}>
        <h2>Keyboard shortcuts</h2>
        <button type="button" onClick={() => setOpen(false)}>
          Close
        </button>
      </header>
      <label className={styles["switch"]}>
        <input type="checkbox" checked={isOn} onChange={(event) => setOn(event.target.checked)} />
        Shortcuts are on, on this device
      </label>
      <div className={styles["sections"]} data-off={isOn ? undefined : true}>
        {SECTIONS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([pressed, what]) => (
                <div key={what}>
                  <dt>{what}</dt>
                  <dd>
                    {pressed.map((key) => (
                      <kbd key={key}>{ARROWS.get(key) ?? key}</kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="muted">
        They do nothing while you type in a field. Charts have arrow keys for their points.
      </p>
    </Dialog>
  );
}
