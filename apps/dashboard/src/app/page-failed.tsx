import type { ErrorComponentProps } from "@tanstack/react-router";

/** For an error in a page's own code, or a page that cannot be loaded, such as after an upgrade. The navigation stays. */
export function PageFailed({ error }: ErrorComponentProps) {
  return (
    <section className="notice" role="alert">
      <h1>This page has failed</h1>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Load it again
        </button>
      </p>
    </section>
  );
}
