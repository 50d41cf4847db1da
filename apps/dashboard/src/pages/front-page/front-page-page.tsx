import type { FrontPage } from "@model-views/shared/contracts/front-page.ts";
import { useQuery } from "@tanstack/react-query";
import { useAddress } from "../../address/use-address.ts";
import { usePeriod } from "../../address/use-period.ts";
import { ask } from "../../api/ask.ts";
import grid from "../../parts/grid.module.css";
import { Page } from "../../parts/page.tsx";
import { Panel } from "../../parts/panel.tsx";
import { PeriodBar } from "../../parts/period-bar.tsx";
import { WrongParts } from "../../parts/wrong-parts.tsx";
import { CopySeats } from "./copy-seats.tsx";
import { Leaving } from "./leaving.tsx";
import { OtherRankings } from "./other-rankings.tsx";
import { paramsOf, type Rules, readRules, writeRules } from "./rules.ts";
import { RulesBar } from "./rules-bar.tsx";
import { Seats } from "./seats.tsx";

const MIN_HEIGHT = 420;

/** Who should be on the front page, and why: a ranking, with seats that are locked and models that are left out. */
export function FrontPagePage() {
  const { address, search, go } = useAddress();
  const period = usePeriod();
  const { rules, wrong } = readRules(search);
  const change = (part: Partial<Rules>) => go({}, writeRules({ ...rules, ...part }), { replace: true });
  const isOfPeriod = rules.sort === "total" || rules.sort === "unique";
  const asked = { category: address.category, period: period.params };
  const query = useQuery(ask<FrontPage>("/v1/front-page", paramsOf(rules, asked), { isOpen: true }));
  return (
    <Page title="Front page">
      {isOfPeriod ? (
        <PeriodBar
          has={{ comparison: false, interval: false, filters: false, category: true }}
          wrong={wrong}
        />
      ) : (
        <WrongParts wrong={wrong} />
      )}
      <RulesBar rules={rules} change={change} hasCategory={!isOfPeriod} />
      <div className={grid["grid"]}>
        <Panel
          title={`The ${rules.seats} seats`}
          query={query}
          minHeight={MIN_HEIGHT}
          isEmpty={({ items }) => items.length === 0}
          empty="No model has views for this ranking."
          actions={query.data && <CopySeats items={query.data.items} />}
        >
          {({ items }) => <Seats items={items} rules={rules} change={change} />}
        </Panel>
        <Panel title="Who leaves" query={query} minHeight={MIN_HEIGHT}>
          {({ items, leaving }) => <Leaving items={items} leaving={leaving} rules={rules} change={change} />}
        </Panel>
      </div>
      <OtherRankings rules={rules} asked={asked} chosen={query.data?.items ?? []} />
    </Page>
  );
}
