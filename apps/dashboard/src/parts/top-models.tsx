import type { TopInPeriodAnswer } from "@model-views/shared/contracts/period-stats.ts";
import type { HotModelsAnswer } from "@model-views/shared/contracts/stats.ts";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { formatCount } from "../format/numbers.ts";
import { CsvLink } from "./csv-link.tsx";
import styles from "./model-rows.module.css";
import { Panel } from "./panel.tsx";
import { Tabs, useTab } from "./tabs.tsx";

const RANKINGS = {
  name: "rank",
  label: "Ranking",
  tabs: [
    ["views", "Most viewed"],
    ["viewers", "Most viewers"],
    ["hot", "Hot"],
    ["rising", "Rising"],
  ],
} as const;

const NOTES: Readonly<Record<string, string>> = {
  hot: "Viewed most now: a view of a day ago counts half. Not of the period, and without filters.",
  rising: "Viewed more than usual in the last 24 hours. Not of the period, and without filters.",
};

const ROWS = 10;
const MIN_HEIGHT = 380;
const PATH = "/v1/models/top";

/** The models that lead, by the ranking that the reader chooses. What is hot or rising says why. */
export function TopModels() {
  const ranking = useTab(RANKINGS);
  return ranking === "hot" || ranking === "rising" ? (
    <NowModels sort={ranking} />
  ) : (
    <PeriodModels sort={ranking} />
  );
}

function PeriodModels({ sort }: { sort: "views" | "viewers" }) {
  const { address } = useAddress();
  const period = usePeriod();
  const params = {
    ...period.params,
    ...period.filterParams,
    category: address.category,
    sort: sort === "views" ? "total" : "unique",
  };
  const query = useQuery(ask<TopInPeriodAnswer>(PATH, { ...params, limit: ROWS }, { isOpen: period.isOpen }));
  return (
    <Panel
      title="Models"
      query={query}
      minHeight={MIN_HEIGHT}
      actions={<CsvLink path={PATH} params={{ ...params, limit: 100 }} what="the leading models" />}
      above={<Tabs {...RANKINGS} />}
      isEmpty={({ items }) => items.length === 0}
    >
      {({ items }) => (
        <Rows columns={["Views", "Viewers"]}>
          {items.map(({ modelId, name, category, totalViews, uniqueViews }) => (
            <tr key={modelId} className={styles["row"]}>
              <ModelName modelId={modelId} name={name} category={category} />
              <td className="number">{formatCount(totalViews)}</td>
              <td className="number muted">{formatCount(uniqueViews)}</td>
            </tr>
          ))}
        </Rows>
      )}
    </Panel>
  );
}

function NowModels({ sort }: { sort: "hot" | "rising" }) {
  const { address } = useAddress();
  const params = { sort, category: address.category };
  const query = useQuery(ask<HotModelsAnswer>(PATH, { ...params, limit: ROWS }, { isOpen: true }));
  return (
    <Panel
      title="Models"
      note={NOTES[sort]}
      query={query}
      minHeight={MIN_HEIGHT}
      actions={<CsvLink path={PATH} params={{ ...params, limit: 100 }} what="the leading models" />}
      above={<Tabs {...RANKINGS} />}
      isEmpty={({ items }) => items.length === 0}
      empty="No model was viewed lately."
    >
      {({ items }) => (
        <Rows columns={["Views of all time"]}>
          {items.map(({ modelId, name, category, totalViews, why }) => (
            <tr key={modelId} className={styles["row"]}>
              <ModelName modelId={modelId} name={name} category={category} why={why.text} />
              <td className="number muted">{formatCount(totalViews)}</td>
            </tr>
          ))}
        </Rows>
      )}
    </Panel>
  );
}

function Rows({ columns, children }: { columns: readonly string[]; children: React.ReactNode }) {
  return (
    <table>
      <thead>
        <tr className={styles["head"]}>
          <th scope="col">Model</th>
          {columns.map((column) => (
            <th key={column} scope="col" className="number">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function ModelName({
  modelId,
  name,
  category,
  why,
}: {
  modelId: string;
  name: string;
  category: string | null;
  why?: string;
}) {
  const { searchWith } = useAddress();
  return (
    <th scope="row" className={styles["name"]}>
      <Link to="/models/$modelId" params={{ modelId }} search={searchWith({}) as never} data-row="">
        {name}
      </Link>{" "}
      {category !== null && <span className="muted">{category}</span>}
      {why !== undefined && <span className={styles["why"]}>{why}</span>}
    </th>
  );
}
