import { Download } from "lucide-react";
import { type Params, urlOf } from "../../api/ask.ts";
import linkButton from "../../parts/link-button.module.css";
import { Popover } from "../../parts/popover.tsx";
import type { ComparedModel } from "./compared-models.ts";
import styles from "./series-csv.module.css";

/** The API's CSV of each model's time series. */
export function SeriesCsv({ models, params }: { models: readonly ComparedModel[]; params: Params }) {
  return (
    <Popover
      name="CSV of each model over time"
      className={linkButton["button"]}
      width={240}
      button={
        <>
          <Download size={14} aria-hidden="true" />
          CSV
        </>
      }
    >
      {(close) => (
        <ul className={styles["links"]}>
          {models.map(({ modelId, name }) => (
            <li key={modelId}>
              <a
                href={urlOf(`/v1/models/${modelId}/timeseries`, { ...params, format: "csv", bom: 1 })}
                download
                onClick={close}
              >
                {name}
              </a>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
