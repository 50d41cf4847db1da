import { Page } from "../../parts/page.tsx";

export function ComparePage() {
  return (
    <Page title="Compare">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
