import type { AudienceAnswer } from "@model-views/shared/contracts/audience.ts";
import type { Asked } from "../../api/asked.ts";
import { ScrollArea } from "../../charts/scroll-area.tsx";
import { formatCount } from "../../format/numbers.ts";
import { Panel } from "../../parts/panel.tsx";
import type { ComparedModel } from "./compared-models.ts";
import { pairKey, sharedWith } from "./overlap.ts";
import styles from "./shared-viewers.module.css";

type Props = { audience: Asked<AudienceAnswer>; models: readonly ComparedModel[] };

/** Pair by pair, how many viewers of one model also saw the other: a matrix, and the same in sentences. */
export function SharedViewers({ audience, models }: Props) {
  return (
    <Panel
      title="Who also saw whom"
      note="In each row, the viewers of a model who also saw the one of the column, and their share of the row's viewers."
      query={audience}
      minHeight={60 + 48 * models.length}
    >
      {(answer) => <Overlap answer={answer} models={models} />}
    </Panel>
  );
}

function Overlap({ answer, models }: { answer: AudienceAnswer; models: readonly ComparedModel[] }) {
  const bothOf = new Map(answer.pairs.map(({ models: [one, other], both }) => [pairKey(one, other), both]));
  const viewersOf = new Map(answer.items.map(({ modelId, uniqueViews }) => [modelId, uniqueViews]));
  const shared = (row: ComparedModel, column: ComparedModel) =>
    sharedWith(bothOf.get(pairKey(row.modelId, column.modelId)), viewersOf.get(row.modelId));
  const pairs = models.flatMap((row) =>
    models.filter((each) => each !== row).map((column) => [row, column] as const),
  );
  return (
    <>
      <ScrollArea label="Who also saw whom, as a matrix">
        <table className={styles["matrix"]}>
          <thead>
            <tr>
              <th scope="col">Viewers of</th>
              <th scope="col" className="number">
                All
              </th>
              {models.map(({ modelId, name }) => (
                <th key={modelId} scope="col" className="number" title={name}>
                  also {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {models.map((row) => (
              <tr key={row.modelId}>
                <th scope="row" title={row.name}>
                  <span className={styles["key"]} style={{ background: row.color }} aria-hidden="true" />
                  {row.name}
                </th>
                <td className="number">{formatCount(viewersOf.get(row.modelId))}</td>
                {models.map((column) =>
                  column === row ? (
                    <td key={column.modelId} className={styles["self"]}>
                      <span className="hidden-text">the same model</span>
                    </td>
                  ) : (
                    <Cell key={column.modelId} {...shared(row, column)} />
                  ),
                )}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
      <details className={styles["sentences"]} open={models.length <= 3}>
        <summary>In sentences</summary>
        <ul>
          {pairs.map(([row, column]) => (
            <li key={`${row.modelId} ${column.modelId}`}>
              {sentence(row, column, viewersOf.get(row.modelId), shared(row, column))}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

/** Whole ones: the numbers are beside them. */
const percent = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 0 });

/** Percent of color where all are shared: with more, the numbers would be hard to read in the dark. */
const HEAT_MAX = 50;

function Cell({ both, share }: ReturnType<typeof sharedWith>) {
  const heat = Math.round((share ?? 0) * HEAT_MAX);
  return (
    <td
      className="number"
      style={{ background: `color-mix(in srgb, var(--viewers) ${heat}%, transparent)` }}
      title={both === null ? "Not known: retention has removed who viewed one of them" : undefined}
    >
      {formatCount(both)}
      {share !== undefined && <span className={styles["share"]}> {percent.format(share)}</span>}
    </td>
  );
}

function sentence(
  row: ComparedModel,
  column: ComparedModel,
  viewers: number | null | undefined,
  { both, share }: ReturnType<typeof sharedWith>,
) {
  if (both === null || viewers == null) {
    return `How many of ${row.name}’s viewers also saw ${column.name} is not known: retention has removed who viewed.`;
  }
  if (viewers === 0) return `${row.name} had no viewers.`;
  return (
    <>
      Of {row.name}’s {formatCount(viewers)} {viewers === 1 ? "viewer" : "viewers"},{" "}
      <strong>{formatCount(both)}</strong>
      {share !== undefined && ` (${percent.format(share)})`} also saw {column.name}.
    </>
  );
}
