import type { Bucket, Interval, TimeseriesAnswer } from "@model-views/shared/contracts/timeseries.ts";
import { fits } from "../../address/period.ts";
import { usePeriod } from "../../address/use-period.ts";
import { useAskAll } from "../../api/ask-all.ts";
import { LINE_CHART_HEIGHT } from "../../charts/line-chart.tsx";
import { Panel } from "../../parts/panel.tsx";
import { Tabs, useTab } from "../../parts/tabs.tsx";
import { AbsoluteChart, IndexedChart, SinceChart } from "./charts.tsx";
import styles from "./compared-chart.module.css";
import type { ComparedModel } from "./compared-models.ts";
import { SeriesCsv } from "./series-csv.tsx";

const CHARTS = {
  name: "chart",
  label: "How they are compared",
  tabs: [
    ["absolute", "Absolute"],
    ["indexed", "Indexed to 100"],
    ["since", "Since each began"],
  ],
} as const;

const METRICS = {
  name: "metric",
  label: "What is compared",
  tabs: [
    ["views", "Views"],
    ["viewers", "Viewers"],
  ],
} as const;

const FIELDS = { views: "views", viewers: "uniqueViews" } as const satisfies Record<string, keyof Bucket>;

/** The models' views or viewers over time in one chart, in the way that the reader chooses. */
export function ComparedChart({ models }: { models: readonly ComparedModel[] }) {
  const period = usePeriod();
  const chart = useTab(CHARTS);
  const metric = useTab(METRICS);
  const interval = chart === "since" ? sinceInterval(period.days) : period.interval;
  const params = { ...period.params, ...period.filterParams, interval };
  const questions = models.map(({ modelId }) => ({
    path: `/v1/models/${modelId}/timeseries`,
    params,
    modelId,
  }));
  const series = useAskAll<TimeseriesAnswer>(questions, { isOpen: period.isOpen });
  return (
    <Panel
      title={`${metric === "views" ? "Views" : "Viewers"} over time`}
      query={series}
      minHeight={LINE_CHART_HEIGHT + 72}
      actions={<SeriesCsv models={models} params={params} />}
      above={
        <div className={styles["tabs"]}>
          <Tabs {...CHARTS} />
          <Tabs {...METRICS} />
        </div>
      }
    >
      {(answers) => {
        const lines = models.map((model, index) => ({
          ...model,
          values: answers[index]?.items.map((bucket) => bucket[FIELDS[metric]]) ?? [],
        }));
        const [answer] = answers;
        if (answer === undefined) return null;
        const props = { lines, answer, metric, isOpen: period.isOpen };
        if (chart === "indexed") return <IndexedChart {...props} />;
        return chart === "since" ? <SinceChart {...props} /> : <AbsoluteChart {...props} />;
      }}
    </Panel>
  );
}

/** By day as long as one answer has room for them. */
function sinceInterval(days: number): Interval {
  return fits("day", days) ? "day" : "week";
}
