import type { AudienceAnswer } from "@model-views/shared/contracts/audience.ts";
import type { ModelRow } from "@model-views/shared/contracts/models-table.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { X } from "lucide-react";
import { chosenModelsText } from "../../address/chosen-models.ts";
import { useAddress } from "../../address/use-address.ts";
import { usePeriod } from "../../address/use-period.ts";
import { ask } from "../../api/ask.ts";
import { formatCount } from "../../format/numbers.ts";
import { COMPARED_MAX } from "../compare/compared-models.ts";
import styles from "./selection-bar.module.css";
import { CHOSEN_MAX, useSelection } from "./use-selection.ts";

/** What can be done with the selected models: seeing how many different viewers saw any of them, and comparing them. */
export function SelectionBar({
  chosen,
  rows,
}: {
  chosen: readonly string[];
  rows: readonly ModelRow[] | undefined;
}) {
  const { shared, go } = useAddress();
  const { toggle } = useSelection(chosen);
  if (chosen.length === 0) return null;
  const canCompare = chosen.length >= 2 && chosen.length <= COMPARED_MAX;
  return (
    <section className={styles["bar"]} aria-label="Selected models">
      <ul className={styles["models"]}>
        {chosen.map((modelId) => {
          const name = rows?.find((row) => row.modelId === modelId)?.name ?? "…";
          return (
            <li key={modelId}>
              <button type="button" className={styles["model"]} onClick={() => toggle(modelId)}>
                <span>{name}</span>
                <X size={13} aria-hidden="true" />
                <span className="hidden-text">: take out of the selection</span>
              </button>
            </li>
          );
        })}
      </ul>
      <p className={styles["viewers"]} aria-live="polite">
        {chosen.length === 1 ? (
          <span className="muted">
            Select another one to compare them, and to see how many viewers saw any of them.
          </span>
        ) : (
          <Viewers chosen={chosen} />
        )}
        {chosen.length === CHOSEN_MAX && <span className="muted"> {CHOSEN_MAX} are the most.</span>}
      </p>
      <div className={styles["actions"]}>
        {canCompare ? (
          <Link
            to="/compare"
            search={{ ...shared, m: chosenModelsText(chosen) } as never}
            className={styles["compare"]}
          >
            Compare
          </Link>
        ) : (
          chosen.length > COMPARED_MAX && <span className="muted">Up to {COMPARED_MAX} can be compared.</span>
        )}
        <button type="button" onClick={() => go({}, { m: undefined }, { replace: true })}>
          Clear
        </button>
      </div>
    </section>
  );
}

function Viewers({ chosen }: { chosen: readonly string[] }) {
  const { params, filterParams, isOpen } = usePeriod();
  const query = useQuery(
    ask<AudienceAnswer>("/v1/audience", { ...params, ...filterParams, models: chosen }, { isOpen }),
  );
  const { data, error, isPlaceholderData } = query;
  if (error !== null) return <span>How many viewers saw any of them is not known: {error.message}</span>;
  if (data === undefined || isPlaceholderData) return <span className="muted">Counting the viewers…</span>;
  if (data.any === null) {
    return (
      <span>
        How many viewers saw any of them is not known: retention has removed who viewed one of them.
      </span>
    );
  }
  return (
    <span>
      <strong>{formatCount(data.any)}</strong> different {data.any === 1 ? "viewer" : "viewers"} saw at least
      one of these {chosen.length}, {formatCount(data.all)} saw {chosen.length === 2 ? "both" : "all of them"}
      .
    </span>
  );
}
