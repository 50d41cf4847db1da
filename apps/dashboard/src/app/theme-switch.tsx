import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { keep, readKept } from "../keys/kept-settings.ts";
import styles from "./header.module.css";

const THEMES = [
  { theme: undefined, label: "System", Icon: Monitor },
  { theme: "light", label: "Light", Icon: Sun },
  { theme: "dark", label: "Dark", Icon: Moon },
] as const;

/** Light, dark, or as the system has it. `theme.js` reads it before the first paint. */
export function ThemeSwitch() {
  const [chosen, setChosen] = useState(() => readKept("theme"));

  function choose(theme: "light" | "dark" | undefined) {
    keep("theme", theme);
    if (theme === undefined) delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    setChosen(theme);
  }

  return (
    <fieldset className={styles["themes"]}>
      <legend>Colours</legend>
      {THEMES.map(({ theme, label, Icon }) => (
        <label key={label}>
          <input type="radio" name="theme" checked={chosen === theme} onChange={() => choose(theme)} />
          <Icon size={15} aria-hidden />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
