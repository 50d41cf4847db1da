import { Page } from "../../parts/page.tsx";

export function ModelPage() {
  return (
    <Page title="Model">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
