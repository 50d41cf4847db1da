import type { HoursOfWeek as Answer } from "@model-views/shared/contracts/hours-of-week.ts";
import { useQuery } from "@tanstack/react-query";
import { usePeriod } from "../address/use-period.ts";
import { ask } from "../api/ask.ts";
import { HeatMap } from "../charts/heat-map.tsx";
import { CsvLink } from "./csv-link.tsx";
import { Panel } from "./panel.tsx";

const PATH = "/v1/hours-of-week";
const HEIGHT = 250;
/** Of longer periods the stats API does not count it, and the part is left out. */
const DAYS_MAX = 366;

/** On which weekdays and at which hours a model is viewed. */
export function HoursOfWeek({ modelId }: { modelId: string }) {
  const period = usePeriod();
  const isTooLong = period.days > DAYS_MAX;
  const params = { ...period.params, ...period.filterParams, modelId };
  const query = useQuery({
    ...ask<Answer>(PATH, params, { isOpen: period.isOpen }),
    enabled: !isTooLong,
  });
  if (isTooLong) return null;
  return (
    <Panel
      title="Hours of the week"
      query={query}
      minHeight={HEIGHT}
      actions={<CsvLink path={PATH} params={params} what="views by hour of the week" />}
      isEmpty={({ items }) => items.every(({ views }) => views === 0)}
    >
      {({ items, tz, isIncomplete }) => (
        <>
          <HeatMap label={`Views by weekday and hour, ${tz}`} items={items} />
          {isIncomplete && (
            <p className="muted">Retention has removed views of this period; they are not counted here.</p>
          )}
        </>
      )}
    </Panel>
  );
}
