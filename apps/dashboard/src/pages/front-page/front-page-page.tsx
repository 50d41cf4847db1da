import { Page } from "../../parts/page.tsx";

export function FrontPagePage() {
  return (
    <Page title="Front page">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
