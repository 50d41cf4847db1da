import { Page } from "../../parts/page.tsx";

export function ModelsPage() {
  return (
    <Page title="Models">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
