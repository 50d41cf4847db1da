import { Page } from "../../parts/page.tsx";

export function OverviewPage() {
  return (
    <Page title="Overview">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
