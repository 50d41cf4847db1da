import { Download } from "lucide-react";
import { type Params, urlOf } from "../api/ask.ts";
import styles from "./link-button.module.css";

/** Downloads the API's own CSV of a list: all rows, with the mark by which Excel knows UTF-8. */
export function CsvLink({ path, params, what }: { path: string; params: Params; what: string }) {
  return (
    <a className={styles["button"]} href={urlOf(path, { ...params, format: "csv", bom: 1 })} download>
      <Download size={14} aria-hidden="true" />
      CSV<span className="hidden-text"> of {what}</span>
    </a>
  );
}
