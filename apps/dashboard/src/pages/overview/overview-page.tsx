import { Page } from "../../parts/page.tsx";
import { PeriodBar } from "../../parts/period-bar.tsx";

export function OverviewPage() {
  return (
    <Page title="Overview">
      <PeriodBar />
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
