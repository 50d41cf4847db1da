import { Page } from "../../parts/page.tsx";

export function PipelinePage() {
  return (
    <Page title="Pipeline">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
