import { type ReactNode, useEffect } from "react";
import styles from "./page.module.css";

/** A page: its title, which is also the window's, what belongs beside it, and its parts. */
export function Page({
  title,
  beside,
  children,
}: {
  title: string;
  /** Controls on the title's line, such as the period. */
  beside?: ReactNode;
  children: ReactNode;
}) {
  useEffect(() => {
    document.title = `${title} · model-views`;
  }, [title]);
  return (
    <div className={styles["page"]}>
      <header className={styles["header"]}>
        <h1 tabIndex={-1}>{title}</h1>
        {beside}
      </header>
      {children}
    </div>
  );
}
