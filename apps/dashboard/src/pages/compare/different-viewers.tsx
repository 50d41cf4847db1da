import type { AudienceAnswer } from "@model-views/shared/contracts/audience.ts";
import type { ReactNode } from "react";
import type { Asked } from "../../api/asked.ts";
import { formatDays } from "../../format/dates.ts";
import { formatCount, UNKNOWN } from "../../format/numbers.ts";
import { Panel } from "../../parts/panel.tsx";
import type { ComparedModel } from "./compared-models.ts";
import styles from "./different-viewers.module.css";

const or = new Intl.ListFormat("en", { type: "disjunction" });

/** How many different viewers saw any of the models, all of them, one alone. */
export function DifferentViewers({
  audience,
  models,
  period,
}: {
  audience: Asked<AudienceAnswer>;
  models: readonly ComparedModel[];
  period: { firstDay: string; lastDay: string };
}) {
  const names = models.map(({ name }) => name);
  return (
    <Panel title="Different viewers" query={audience} minHeight={96}>
      {({ any, all, exactlyOne, items }) => (
        <>
          <p className={styles["any"]}>
            <strong>{formatCount(any)}</strong>{" "}
            <span>
              different {any === 1 ? "viewer" : "viewers"} saw {or.format(names)},{" "}
              {formatDays(period.firstDay, period.lastDay)}.
            </span>
          </p>
          {any === null && (
            <p className="muted">
              Not known: retention has removed who viewed at least one of them in this period.
            </p>
          )}
          <dl className={styles["parts"]}>
            <Part
              label={models.length === 2 ? "Saw both" : `Saw all ${models.length}`}
              value={all}
              of={any}
            />
            <Part label="Saw exactly one" value={exactlyOne} of={any} />
            {models.map(({ modelId, name, color }) => (
              <Part
                key={modelId}
                label={
                  <>
                    <span className={styles["key"]} style={{ background: color }} aria-hidden="true" />
                    Only {name}
                  </>
                }
                value={items.find((each) => each.modelId === modelId)?.onlyThis}
                of={any}
              />
            ))}
          </dl>
        </>
      )}
    </Panel>
  );
}

const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

function Part({
  label,
  value,
  of,
}: {
  label: ReactNode;
  value: number | null | undefined;
  of: number | null;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {value == null ? UNKNOWN : formatCount(value)}
        {value != null && of !== null && of > 0 && (
          <span className="muted"> {percent.format(value / of)}</span>
        )}
      </dd>
    </div>
  );
}
