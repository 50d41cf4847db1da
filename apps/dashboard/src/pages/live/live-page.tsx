import { Page } from "../../parts/page.tsx";

export function LivePage() {
  return (
    <Page title="Live">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
