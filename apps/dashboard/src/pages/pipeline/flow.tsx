import type { Accounting } from "@model-views/shared/contracts/accounting.ts";
import type { PipelineAnswer, ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import { ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import { formatCount } from "../../format/numbers.ts";
import { formatDuration } from "../../format/sizes.ts";
import styles from "./pipeline-page.module.css";

/** Where views are: in a spool, queued, waiting, or recorded. All of them since the beginning, so that what goes in comes out. */
export function Flow({ pipeline }: { pipeline: PipelineAnswer }) {
  const { queue, services, stored, accounting } = pipeline;
  const accounts = "data" in accounting ? accounting.data : undefined;
  const ofIngest = "data" in services ? services.data.filter(({ service }) => service === "ingest") : [];
  return (
    <ol className={styles["flow"]} aria-label="From accepting to storing">
      <Step
        name="Queued"
        value={accounts && formatCount(accounts.queued)}
        note={accounts ? "accepted views, since the beginning" : unseen(accounting)}
      >
        {spoolText(ofIngest)}
      </Step>
      <Step
        name="Waiting"
        value={"data" in queue ? waitingText(queue.data) : undefined}
        note={"data" in queue ? oldestText(queue.data) : queue.error.detail}
      />
      <Step
        name="Recorded"
        value={accounts && formatCount(recordedOf(accounts))}
        note={
          accounts
            ? `${formatCount(accounts.inserted)} stored, ${formatCount(accounts.duplicates)} duplicates, ${formatCount(accounts.rejected)} rejected`
            : unseen(accounting)
        }
        isLast
      >
        {"data" in stored && (
          <p className="muted">{formatCount(stored.data.viewsOfLastMinute)} views of the last minute</p>
        )}
      </Step>
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

/** Stored, or found to be one of those that are not. */
function recordedOf({ inserted, duplicates, rejected, unkept, erased }: Accounting): number {
  return inserted + duplicates + rejected + unkept + erased;
}

function unseen(accounting: PipelineAnswer["accounting"]): string {
  return "error" in accounting ? accounting.error.detail : "";
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
