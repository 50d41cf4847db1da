import { type ReactNode, useId } from "react";
import type { Asked } from "../api/asked.ts";
import { Failure } from "./failure.tsx";
import styles from "./panel.module.css";

export type PanelProps<Answer> = {
  title: ReactNode;
  /** Over the whole width of a grid. */
  isWide?: boolean;
  /** Links and buttons beside the title, such as downloads. */
  actions?: ReactNode;
  /** One sentence under the title. */
  note?: ReactNode;
  /** Above the content: it is there while the content loads. */
  above?: ReactNode;
  query: Asked<Answer>;
  /** Shown in place of the content when it is true for the answer. */
  isEmpty?: (answer: Answer) => boolean;
  empty?: ReactNode;
  /** Pixels that the content takes: kept while it loads, so that nothing on the page moves. */
  minHeight?: number;
  children: (answer: Answer) => ReactNode;
};

/**
 * A part of a page that shows one answer. Loading, stale (another period is being asked for), empty and failing look the same
 * everywhere. A failing part names what to do, and leaves the rest of the page alone.
 */
export function Panel<Answer>(props: PanelProps<Answer>) {
  const { title, isWide = false, actions, note, above, query, minHeight } = props;
  const id = useId();
  return (
    <section
      className={styles["panel"]}
      data-wide={isWide || undefined}
      aria-labelledby={id}
      aria-busy={query.isFetching}
    >
      <header className={styles["header"]}>
        <h2 id={id}>{title}</h2>
        {actions !== undefined && <div className={styles["actions"]}>{actions}</div>}
      </header>
      {note !== undefined && <p className="muted">{note}</p>}
      {above}
      <div
        className={styles["content"]}
        data-stale={query.isPlaceholderData || undefined}
        style={minHeight === undefined ? undefined : { minHeight }}
      >
        <Content {...props} />
      </div>
    </section>
  );
}

function Content<Answer>({ query, isEmpty, empty, children }: PanelProps<Answer>) {
  const { data, error, isPending } = query;
  if (error !== null && (data === undefined || query.isPlaceholderData)) {
    return <Failure error={error} onRetry={() => void query.refetch()} />;
  }
  if (isPending || data === undefined) {
    return (
      <div className={styles["loading"]} role="status">
        <span className="hidden-text">Loading</span>
      </div>
    );
  }
  return (
    <>
      {error !== null && <Failure error={error} isOutdated onRetry={() => void query.refetch()} />}
      {isEmpty?.(data) ? (
        <p className={styles["empty"]}>{empty ?? "Nothing in this period."}</p>
      ) : (
        children(data)
      )}
    </>
  );
}
