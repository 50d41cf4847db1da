import { Breakdowns } from "../../parts/breakdowns.tsx";
import grid from "../../parts/grid.module.css";
import { NewViewers } from "../../parts/new-viewers.tsx";
import { Page } from "../../parts/page.tsx";
import { PeriodBar } from "../../parts/period-bar.tsx";
import { TopModels } from "../../parts/top-models.tsx";
import { ViewsOverTime } from "../../parts/views-over-time.tsx";
import { LiveFigure } from "./live-figure.tsx";

/** How the site does: views and viewers, who leads, and from where and with what they came. */
export function OverviewPage() {
  return (
    <Page title="Overview">
      <PeriodBar />
      <ViewsOverTime figures={<LiveFigure />} />
      <div className={grid["grid"]}>
        <TopModels />
        <Breakdowns />
        <NewViewers />
      </div>
    </Page>
  );
}
