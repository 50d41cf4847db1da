import type { Totals } from "@model-views/shared/contracts/overview.ts";
import type { Bucket, TimeseriesAnswer } from "@model-views/shared/contracts/timeseries.ts";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Comparison } from "../address/address.ts";
import { dayIn } from "../address/days.ts";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { CsvLink } from "./csv-link.tsx";
import { Failure } from "./failure.tsx";
import { Figure } from "./figure.tsx";
import { Panel } from "./panel.tsx";
import styles from "./views-over-time.module.css";

const CHART_HEIGHT = 300;

/** What the chart can show: the name in the address, its label, its field in a bucket, and its color. */
const METRICS = {
  views: { label: "Views", field: "views", color: "var(--views)" },
  viewers: { label: "Viewers", field: "uniqueViews", color: "var(--viewers)" },
} as const satisfies Record<string, { label: string; field: keyof Bucket; color: string }>;
type Metric = keyof typeof METRICS;

export const COMPARED_WITH: Readonly<Record<Exclude<Comparison, "none">, string>> = {
  days: "the days before",
  weekdays: "the same weekdays before",
  year: "the year before",
};

/** Views and viewers of the site or of a model: the totals, and the chart of one of them with its comparison. */
export function ViewsOverTime({ modelId, figures }: { modelId?: string; figures?: ReactNode }) {
  const { search, go } = useAddress();
  const period = usePeriod();
  const base = modelId === undefined ? "/v1" : `/v1/models/${modelId}`;
  const params = { ...period.comparedParams, ...period.filterParams };
  const { isOpen, interval } = period;
  const totals = useQuery(ask<Totals>(`${base}/stats`, params, { isOpen }));
  const seriesPath = `${base}/timeseries`;
  const seriesParams = { ...params, interval };
  const series = useQuery(ask<TimeseriesAnswer>(seriesPath, seriesParams, { isOpen }));
  const metric: Metric = search["metric"] === "viewers" ? "viewers" : "views";
  const choose = (chosen: Metric) => () => go({}, { metric: chosen === "views" ? undefined : chosen });
  return (
    <Panel
      title="Views and viewers"
      query={series}
      minHeight={CHART_HEIGHT}
      actions={<CsvLink path={seriesPath} params={seriesParams} what="views and viewers over time" />}
      above={
        <div className={styles["figures"]}>
          <Totalled totals={totals} metric={metric} choose={choose} />
          {figures}
        </div>
      }
    >
      {(answer) => (
        <TimeChart
          label={`${METRICS[metric].label} by ${answer.interval}`}
          buckets={answer.items}
          interval={answer.interval}
          tz={answer.tz}
          isOpen={isOpen}
          height={CHART_HEIGHT}
          series={[
            {
              key: metric,
              label: METRICS[metric].label,
              values: answer.items.map((bucket) => bucket[METRICS[metric].field]),
              color: METRICS[metric].color,
              isArea: true,
            },
          ]}
          {...comparisonOf(answer, metric, period.compare)}
          onSelect={(first: number, last: number) => {
            const [from, to] = [answer.items[first], endOf(answer, last)];
            if (from === undefined) return;
            go({
              range: { from: dayIn(new Date(from.start), answer.tz), to: dayIn(to, answer.tz) },
              interval: undefined,
            });
          }}
        />
      )}
    </Panel>
  );
}

function Totalled({
  totals,
  metric,
  choose,
}: {
  totals: UseQueryResult<Totals>;
  metric: Metric;
  choose: (metric: Metric) => () => void;
}) {
  const { data, error } = totals;
  if (error !== null && data === undefined) {
    return <Failure error={error} onRetry={() => void totals.refetch()} />;
  }
  const isStale = totals.isPlaceholderData;
  return (
    <>
      <Figure
        label="Views"
        value={data?.totalViews}
        before={data?.previous?.totalViews}
        isLoading={data === undefined}
        isStale={isStale}
        isSelected={metric === "views"}
        onSelect={choose("views")}
      />
      <Figure
        label="Viewers"
        value={data?.uniqueViews}
        before={data?.previous?.uniqueViews}
        isLoading={data === undefined}
        isStale={isStale}
        isSelected={metric === "viewers"}
        onSelect={choose("viewers")}
      />
    </>
  );
}

function comparisonOf({ previous }: TimeseriesAnswer, metric: Metric, compare: Comparison) {
  if (previous === undefined || compare === "none") return {};
  return {
    comparison: {
      label: COMPARED_WITH[compare],
      starts: previous.items.map(({ start }) => start),
      values: previous.items.map((bucket) => bucket[METRICS[metric].field]),
    },
  };
}

/** The last instant of a bucket. */
function endOf({ items, to }: TimeseriesAnswer, index: number): Date {
  const end = new Date(items[index + 1]?.start ?? to);
  return new Date(end.getTime() - 1);
}
