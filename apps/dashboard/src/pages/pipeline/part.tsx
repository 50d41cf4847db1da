import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";
import { type ReactNode, useId } from "react";
import styles from "./pipeline-page.module.css";

type Error = Extract<PipelineAnswer["queue"], { error: unknown }>;

/** A part of an answer, or why it cannot be seen now. */
export function Part<Data>({
  title,
  part,
  children,
}: {
  title: string;
  part: { data: Data } | Error;
  children: (data: Data) => ReactNode;
}) {
  const id = useId();
  return (
    <section className={styles["card"]} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {"error" in part ? <p className={styles["error"]}>{part.error.detail}</p> : children(part.data)}
    </section>
  );
}
