import type { Retried } from "@model-views/shared/contracts/failed-jobs.ts";
import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";
import { useSite } from "../../api/site.tsx";
import { formatInstant } from "../../format/dates.ts";
import { formatCount, UNKNOWN } from "../../format/numbers.ts";
import { formatBytes } from "../../format/sizes.ts";
import { Part } from "./part.tsx";
import styles from "./pipeline-page.module.css";
import { PutBack } from "./put-back.tsx";

/** How Redis and PostgreSQL are. */
export function Stores({ pipeline: { redis, stored, queue } }: { pipeline: PipelineAnswer }) {
  const { reportingTimeZone: tz, mayChange } = useSite();
  return (
    <div className={styles["stack"]}>
      <Part title="Redis" part={redis}>
        {({ usedBytes, maxBytes, evictionPolicy, hasAof }) => (
          <dl className={styles["details"]}>
            <dt>Memory</dt>
            <dd>
              {usedBytes === null ? UNKNOWN : formatBytes(usedBytes)}
              {maxBytes !== null && (maxBytes === 0 ? ", no limit" : ` of ${formatBytes(maxBytes)}`)}
            </dd>
            <dt>When it is full</dt>
            <dd>
              <code>{evictionPolicy ?? UNKNOWN}</code>
            </dd>
            <dt>Append-only file</dt>
            <dd>{hasAof === null ? UNKNOWN : hasAof ? "yes: it survives a kill" : "no"}</dd>
            {"data" in queue && (
              <>
                <dt>Failed batches</dt>
                <dd>
                  {formatCount(queue.data.failedJobs)}
                  {mayChange && queue.data.failedJobs > 0 && (
                    <PutBack<Retried>
                      label="Try them again"
                      path="/v1/failed-jobs/retry"
                      body={{ all: true }}
                      countOf={({ retried }) => retried}
                      leftOf={({ skipped: [first, ...others] }) =>
                        first && `${formatCount(others.length + 1)} would only fail again: ${first.reason}`
                      }
                      what="batches"
                    />
                  )}
                </dd>
              </>
            )}
          </dl>
        )}
      </Part>
      <Part title="PostgreSQL" part={stored}>
        {({ postgresVersion, databaseBytes, lastViewedAt, openDays }) => (
          <dl className={styles["details"]}>
            <dt>Version</dt>
            <dd>{postgresVersion}</dd>
            <dt>Size of the database</dt>
            <dd>{formatBytes(databaseBytes)}</dd>
            <dt>Newest view</dt>
            <dd>{lastViewedAt === null ? "none in the last day" : formatInstant(lastViewedAt, tz)}</dd>
            <dt>Days not finalized</dt>
            <dd>{openDays === 0 ? "none" : formatCount(openDays)}</dd>
          </dl>
        )}
      </Part>
    </div>
  );
}
