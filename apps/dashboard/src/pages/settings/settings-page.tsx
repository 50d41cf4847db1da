import { Page } from "../../parts/page.tsx";

export function SettingsPage() {
  return (
    <Page title="Settings">
      <p className="muted">This page is not built yet.</p>
    </Page>
  );
}
