import type { ModelRow, ModelsTable } from "@model-views/shared/contracts/models-table.ts";
import type { StatsOfPeriodAnswer } from "@model-views/shared/contracts/period-stats.ts";
import { useQuery } from "@tanstack/react-query";
import { usePeriod } from "../../address/use-period.ts";
import { ask } from "../../api/ask.ts";
import { useAskAll } from "../../api/ask-all.ts";
import { placeOf } from "../../api/places.ts";
import { ScrollArea } from "../../charts/scroll-area.tsx";
import { formatCount, UNKNOWN } from "../../format/numbers.ts";
import { CountChange } from "../../parts/count-change.tsx";
import { Panel } from "../../parts/panel.tsx";
import type { ComparedModel } from "./compared-models.ts";
import { perDay } from "./per-day.ts";
import styles from "./side-by-side.module.css";

/** The totals of the models beside one another. */
export function SideBySide({ models }: { models: readonly ComparedModel[] }) {
  const { params, comparedParams, filterParams, isOpen } = usePeriod();
  const totals = useAskAll<StatsOfPeriodAnswer>(
    models.map(({ modelId }) => ({
      path: `/v1/models/${modelId}/stats`,
      params: { ...comparedParams, ...filterParams },
    })),
    { isOpen },
  );
  // Among all models: one answer has all of them.
  const all = useQuery({
    ...ask<ModelsTable>("/v1/models/table", { ...params, ...filterParams }, { isOpen }),
    structuralSharing: false,
  });
  return (
    <Panel title="Side by side" query={totals} minHeight={40 + 46 * models.length}>
      {(answers) => (
        <ScrollArea label="Totals of each model">
          <table className={styles["table"]}>
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col" className="number">
                  Views
                </th>
                <th scope="col" className="number">
                  Views a day
                </th>
                <th scope="col" className="number">
                  Viewers
                </th>
                <th scope="col" className="number">
                  Rank by views
                </th>
                <th scope="col" className="number">
                  Rank by viewers
                </th>
              </tr>
            </thead>
            <tbody>
              {models.map((model, index) => (
                <ModelTotalsRow
                  key={model.modelId}
                  model={model}
                  totals={answers[index]}
                  rows={all.isPlaceholderData ? undefined : all.data?.items}
                  error={all.error}
                />
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </Panel>
  );
}

function ModelTotalsRow({
  model: { modelId, name, color },
  totals,
  rows,
  error,
}: {
  model: ComparedModel;
  totals: StatsOfPeriodAnswer | undefined;
  rows: readonly ModelRow[] | undefined;
  error: Error | null;
}) {
  const average = totals === undefined ? undefined : perDay(totals);
  return (
    <tr>
      <th scope="row">
        <span className={styles["key"]} style={{ background: color }} aria-hidden="true" />
        {name}
      </th>
      <td className="number">
        {formatCount(totals?.totalViews)}
        <span className={styles["change"]}>
          <CountChange now={totals?.totalViews} before={totals?.previous?.totalViews} />
        </span>
      </td>
      <td className="number">{average === undefined ? UNKNOWN : oneDigit.format(average)}</td>
      <td className="number">
        {formatCount(totals?.uniqueViews)}
        <span className={styles["change"]}>
          <CountChange now={totals?.uniqueViews} before={totals?.previous?.uniqueViews} />
        </span>
      </td>
      <RankCell modelId={modelId} rows={rows} field="totalViews" error={error} />
      <RankCell modelId={modelId} rows={rows} field="uniqueViews" error={error} />
    </tr>
  );
}

const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

/** The rank among all models, and under it that among those of the model's category. */
function RankCell({
  modelId,
  rows,
  field,
  error,
}: {
  modelId: string;
  rows: readonly ModelRow[] | undefined;
  field: "totalViews" | "uniqueViews";
  error: Error | null;
}) {
  const place = placeOf(rows ?? [], modelId, field);
  if (rows === undefined || place === undefined) {
    const why =
      rows === undefined ? error?.message : "Without a rank: no views, or some that are not known any more";
    return (
      <td className="number muted" title={why}>
        {UNKNOWN}
      </td>
    );
  }
  const category = rows.find((row) => row.modelId === modelId)?.category ?? null;
  const inCategory =
    category === null
      ? undefined
      : placeOf(
          rows.filter((row) => row.category === category),
          modelId,
          field,
        );
  return (
    <td className="number">
      {formatCount(place.rank)} <span className="muted">of {formatCount(place.of)}</span>
      {inCategory !== undefined && (
        <span className={styles["change"]}>
          {formatCount(inCategory.rank)} of {formatCount(inCategory.of)} in {category}
        </span>
      )}
    </td>
  );
}
