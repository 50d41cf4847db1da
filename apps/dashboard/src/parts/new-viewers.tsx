import type { ViewersOverTimeAnswer } from "@model-views/shared/contracts/viewers-over-time.ts";
import { useQuery } from "@tanstack/react-query";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { TimeChart } from "../charts/time-chart.tsx";
import { CsvLink } from "./csv-link.tsx";
import { Panel } from "./panel.tsx";

const HEIGHT = 220;

/** New and returning viewers of a model, or of the site, over time. */
export function NewViewers({ modelId }: { modelId?: string }) {
  const period = usePeriod();
  const path = modelId === undefined ? "/v1/viewers" : `/v1/models/${modelId}/viewers`;
  const params = { ...period.params, interval: period.interval };
  const query = useQuery(ask<ViewersOverTimeAnswer>(path, params, { isOpen: period.isOpen }));
  return (
    <Panel
      title="New and returning viewers"
      note={
        modelId === undefined
          ? "New: seen for the first time on the site. Without filters."
          : "New: sees this model for the first time. Without filters."
      }
      query={query}
      minHeight={HEIGHT}
      actions={<CsvLink path={path} params={params} what="new and returning viewers" />}
    >
      {(answer) => (
        <TimeChart
          label={`New and returning viewers by ${answer.interval}`}
          buckets={answer.items}
          interval={answer.interval}
          tz={answer.tz}
          isOpen={period.isOpen}
          height={HEIGHT}
          series={[
            {
              key: "new",
              label: "New",
              values: answer.items.map(({ newViewers }) => newViewers),
              color: "var(--viewers)",
            },
            {
              key: "returning",
              label: "Returning",
              values: answer.items.map(({ returningViewers }) => returningViewers),
              color: "var(--series-4)",
            },
          ]}
        />
      )}
    </Panel>
  );
}
