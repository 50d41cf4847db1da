import type { PipelineAnswer, ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount } from "../../format/numbers.ts";
import { formatDuration } from "../../format/sizes.ts";
import styles from "./pipeline-page.module.css";

/** Where views are: accepted by ingest, waiting on the queue or in a spool, stored, or rejected. */
export function Flow({ pipeline }: { pipeline: PipelineAnswer }) {
  const { queue, services, stored, rejected } = pipeline;
  const ofIngest = "data" in services ? services.data.filter(({ service }) => service === "ingest") : [];
  return (
    <ol className={styles["flow"]} aria-label="From accepting to storing">
      <Step
        name="Accepted"
        value={"data" in services ? formatCount(sumOf(ofIngest, "acceptedViews")) : undefined}
        note={
          ofIngest.length === 0
            ? "no ingest is seen"
            : `by ${processes(ofIngest.length)} of ingest, since each was started`
        }
      />
      <Step
        name="Waiting"
        value={"data" in queue ? waitingText(queue.data) : undefined}
        note={"data" in queue ? oldestText(queue.data) : queue.error.detail}
      >
        {spoolText(ofIngest)}
      </Step>
      <Step
        name="Stored"
        value={"data" in stored ? formatCount(stored.data.viewsOfLastMinute) : undefined}
        note={"data" in stored ? "views of the last minute, bots included" : stored.error.detail}
      />
      <Step
        name="Rejected"
        value={
          "data" in rejected
            ? formatCount(rejected.data.items.reduce((sum, { views }) => sum + views, 0))
            : undefined
        }
        note="views that could not be stored, and are kept with their reason"
        isLast
      />
    </ol>
  );
}

function Step({
  name,
  value,
  note,
  isLast = false,
  children,
}: {
  name: string;
  value: string | undefined;
  note: string;
  isLast?: boolean;
  children?: ReactNode;
}) {
  return (
    <li className={styles["step"]}>
      <h2>{name}</h2>
      <p className={styles["count"]}>{value ?? "not known"}</p>
      <p className="muted">{note}</p>
      {children}
      {!isLast && <ArrowRight className={styles["arrow"]} size={18} aria-hidden />}
    </li>
  );
}

type Queue = Extract<PipelineAnswer["queue"], { data: unknown }>["data"];

function waitingText({ waitingViews, waitingJobs, activeJobs }: Queue): string {
  if (waitingViews !== null) return formatCount(waitingViews);
  return `${formatCount(waitingJobs + activeJobs)} batches`;
}

function oldestText({ oldestWaitingSeconds, waitingJobs, activeJobs }: Queue): string {
  if (waitingJobs + activeJobs === 0) return "views; nothing waits";
  const batches = `views in ${formatCount(waitingJobs)} waiting and ${formatCount(activeJobs)} taken batches`;
  if (oldestWaitingSeconds === null) return batches;
  return `${batches}; the oldest for ${formatDuration(oldestWaitingSeconds)}`;
}

function spoolText(ingests: readonly ServiceStatus[]) {
  const batches = sumOf(ingests, "spooledBatches");
  if (batches === 0) return null;
  return <p>{formatCount(batches)} batches in the spools of ingest</p>;
}

function sumOf(services: readonly ServiceStatus[], name: string): number {
  return services.reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);
}

function processes(count: number): string {
  return count === 1 ? "one process" : `${count} processes`;
}
