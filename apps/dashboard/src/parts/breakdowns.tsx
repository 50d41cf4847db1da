import type {
  BreakdownAnswer,
  BreakdownsAnswer,
  Dimension,
} from "@model-views/shared/contracts/breakdown.ts";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useAddress } from "../address/use-address.ts";
import { usePeriod } from "../address/use-period.ts";
import { ask, type Params } from "../api/ask.ts";
import { AllValues } from "./all-values.tsx";
import { BarList } from "./bar-list.tsx";
import styles from "./breakdowns.module.css";
import { CsvLink } from "./csv-link.tsx";
import linkStyles from "./link-button.module.css";
import { Panel } from "./panel.tsx";
import { Tabs, type TabsProps, useTab } from "./tabs.tsx";

// The map's shapes are loaded when it is seen.
const WorldMap = lazy(async () => ({ default: (await import("../charts/world-map.tsx")).WorldMap }));

/** Values of each dimension; "Show all" has the others. */
const VALUES = 10;
/** All countries, for the map. */
const COUNTRIES = 250;
const LIST_HEIGHT = 330;

const SOURCES = {
  name: "source",
  label: "Kind of source",
  tabs: [
    ["referrer", "Referrers"],
    ["utm_source", "Campaign sources"],
    ["utm_medium", "Campaign mediums"],
    ["utm_campaign", "Campaigns"],
  ],
} as const satisfies TabsProps<Dimension>;

const SYSTEMS = {
  name: "system",
  label: "Kind of system",
  tabs: [
    ["device", "Devices"],
    ["browser", "Browsers"],
    ["os", "Operating systems"],
  ],
} as const satisfies TabsProps<Dimension>;

/** Read at once. Countries come by themselves, because the map needs more of them than lists do. */
const DIMENSIONS = [...SOURCES.tabs, ...SYSTEMS.tabs].map(([dimension]) => dimension);

type Asked = { query: UseQueryResult<BreakdownsAnswer>; params: Params };

/** From where and with what the site, or a model, was viewed. */
export function Breakdowns({ modelId }: { modelId?: string }) {
  const period = usePeriod();
  const params = { ...period.params, ...period.filterParams, modelId };
  const query = useQuery(
    ask<BreakdownsAnswer>(
      "/v1/breakdowns",
      { ...params, by: DIMENSIONS, limit: VALUES },
      { isOpen: period.isOpen },
    ),
  );
  const asked = { query, params };
  return (
    <>
      <ListPanel title="Sources" choice={SOURCES} {...asked} />
      <Countries params={params} isOpen={period.isOpen} />
      <ListPanel title="Technology" choice={SYSTEMS} {...asked} />
      <AllValues modelId={modelId} />
    </>
  );
}

function ListPanel({
  title,
  choice,
  query,
  params,
}: Asked & { title: string; choice: TabsProps<Dimension> }) {
  const by = useTab(choice);
  return (
    <Panel
      title={title}
      query={query}
      minHeight={LIST_HEIGHT}
      actions={<ListActions by={by} params={params} />}
      above={<Tabs {...choice} />}
      isEmpty={(answer) => valuesOf(answer, by).items.length === 0}
    >
      {(answer) => <Values answer={valuesOf(answer, by)} />}
    </Panel>
  );
}

function Countries({ params, isOpen }: { params: Params; isOpen: boolean }) {
  const { address, go } = useAddress();
  const query = useQuery(
    ask<BreakdownAnswer>("/v1/breakdown", { ...params, by: "country", limit: COUNTRIES }, { isOpen }),
  );
  return (
    <Panel
      isWide
      title="Countries"
      query={query}
      minHeight={LIST_HEIGHT}
      actions={<ListActions by="country" params={params} />}
      isEmpty={({ items }) => items.length === 0}
    >
      {(answer) => (
        <div className={styles["countries"]}>
          <div className={styles["map"]}>
            <Suspense fallback={null}>
              <WorldMap
                items={answer.items}
                onChoose={(country) => go({ filters: { ...address.filters, country } })}
              />
            </Suspense>
          </div>
          <div>
            <Values answer={answer} />
          </div>
        </div>
      )}
    </Panel>
  );
}

function ListActions({ by, params }: { by: Dimension; params: Params }) {
  const { searchWith } = useAddress();
  return (
    <>
      <Link
        to="."
        search={searchWith({}, { all: by }) as never}
        resetScroll={false}
        className={linkStyles["button"]}
      >
        Show all
      </Link>
      <CsvLink path="/v1/breakdown" params={{ ...params, by, limit: 1_000 }} what="all values" />
    </>
  );
}

function Values({
  answer: { by, items, isIncomplete },
}: {
  answer: Pick<BreakdownAnswer, "by" | "items" | "isIncomplete">;
}) {
  const { searchWith, address } = useAddress();
  return (
    <>
      <BarList
        dimension={by}
        items={items.slice(0, VALUES)}
        searchOf={(value) => searchWith({ filters: { ...address.filters, [by]: value ?? "" } })}
      />
      {isIncomplete && (
        <p className="muted">Retention has removed views of this period; they are not in this list.</p>
      )}
    </>
  );
}

function valuesOf({ items }: BreakdownsAnswer, by: Dimension): BreakdownsAnswer["items"][number] {
  return items.find((each) => each.by === by) ?? { by, items: [], totalViews: 0, isIncomplete: false };
}
