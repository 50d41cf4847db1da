import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { AskError, ask } from "../api/ask.ts";
import { behindOf, type PipelineNews } from "./behind.ts";
import styles from "./behind-banner.module.css";

/** Milliseconds between two looks. */
const LOOK_MS = 10_000;

/** Says when figures are behind what was accepted. Nothing while all is well, or when the stats API does not know. */
export function BehindBanner() {
  const { data } = useQuery({
    ...ask<PipelineNews>("/v1/pipeline"),
    retry: false,
    // A stats API without this route is not asked again.
    refetchInterval: ({ state }) =>
      state.error instanceof AskError && state.error.status === 404 ? false : LOOK_MS,
  });
  const behind = data === undefined ? undefined : behindOf(data);
  return (
    <div role="status" className={styles["place"]}>
      {behind !== undefined && (
        <p className={styles["banner"]} data-kind={behind.kind}>
          <TriangleAlert size={16} aria-hidden />
          <span>
            {behind.text} <Link to="/pipeline">See the pipeline</Link>
          </span>
        </p>
      )}
    </div>
  );
}
