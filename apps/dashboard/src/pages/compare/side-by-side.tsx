import type { ModelsTable } from "@model-views/shared/contracts/models-table.ts";
import { useQuery } from "@tanstack/react-query";
import { usePeriod } from "../../address/use-period.ts";
import { ask } from "../../api/ask.ts";
import { useAskAll } from "../../api/ask-all.ts";
import { type Ranks, ranksOf } from "../../api/ranks.ts";
import { formatCount, UNKNOWN } from "../../format/numbers.ts";
import { CountChange } from "../../parts/count-change.tsx";
import { Panel } from "../../parts/panel.tsx";
import type { ModelTotals } from "./answers.ts";
import type { ComparedModel } from "./compared-models.ts";
import { perDay } from "./per-day.ts";
import styles from "./side-by-side.module.css";

/** The totals of the models beside one another. */
export function SideBySide({ models }: { models: readonly ComparedModel[] }) {
  const { params, comparedParams, filterParams, isOpen } = usePeriod();
  const totals = useAskAll<ModelTotals>(
    models.map(({ modelId }) => ({
      path: `/v1/models/${modelId}/stats`,
      params: { ...comparedParams, ...filterParams },
    })),
    { isOpen },
  );
  const table = useQuery(ask<ModelsTable>("/v1/models/table", { ...params, ...filterParams }, { isOpen }));
  return (
    <Panel title="Side by side" query={totals} minHeight={40 + 46 * models.length}>
      {(answers) => (
        <div className={styles["around"]}>
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
                  rank={table.data && ranksOf(table.data.items, model.modelId)}
                  rankError={table.error}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function ModelTotalsRow({
  model: { name, color },
  totals,
  rank,
  rankError,
}: {
  model: ComparedModel;
  totals: ModelTotals | undefined;
  rank: Ranks | undefined;
  rankError: Error | null;
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
      <RankCell rank={rank} by="byViews" error={rankError} />
      <RankCell rank={rank} by="byViewers" error={rankError} />
    </tr>
  );
}

const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

function RankCell({
  rank,
  by,
  error,
}: {
  rank: Ranks | undefined;
  by: "byViews" | "byViewers";
  error: Error | null;
}) {
  const place = rank?.[by];
  if (place?.rank == null) {
    return (
      <td className="number muted" title={error?.message}>
        {UNKNOWN}
      </td>
    );
  }
  const inCategory = rank?.inCategory;
  return (
    <td className="number">
      {formatCount(place.rank)} <span className="muted">of {formatCount(place.of)}</span>
      {inCategory?.[by].rank != null && (
        <span className={styles["change"]}>
          {formatCount(inCategory[by].rank)} of {formatCount(inCategory[by].of)} in {inCategory.category}
        </span>
      )}
    </td>
  );
}
