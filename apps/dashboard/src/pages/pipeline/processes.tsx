import type { ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import { ScrollArea } from "../../charts/scroll-area.tsx";
import { formatAgo } from "../../format/dates.ts";
import { formatCount } from "../../format/numbers.ts";
import styles from "./pipeline-page.module.css";

const COUNT_LABELS: Readonly<Record<string, string>> = {
  acceptedViews: "accepted",
  refusedViews: "refused with 503",
  spooledBatches: "batches spooled",
  recordedViews: "recorded",
  failedJobs: "batches failed",
};

/** Every process that runs, by its own word, at most ten seconds old. */
export function Processes({ services, now }: { services: readonly ServiceStatus[]; now: Date }) {
  if (services.length === 0) return <p className="muted">None has said that it runs.</p>;
  return (
    <ScrollArea label="Table of processes">
      <table className={styles["table"]}>
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Process</th>
            <th scope="col">State</th>
            <th scope="col">Since</th>
            <th scope="col">Version</th>
            <th scope="col">Counted since its start</th>
          </tr>
        </thead>
        <tbody>
          {services.map(({ service, id, isReady, startedAt, version, counts }) => (
            <tr key={id + service}>
              <th scope="row">{service}</th>
              <td>
                <code>{id}</code>
              </td>
              <td>
                <span className={styles["ready"]} data-ready={isReady}>
                  {isReady ? "ready" : "not ready"}
                </span>
              </td>
              <td title={startedAt}>{formatAgo(startedAt, now)}</td>
              <td>{version}</td>
              <td>
                {Object.entries(counts)
                  .map(([name, count]) => `${formatCount(count)} ${COUNT_LABELS[name] ?? name}`)
                  .join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
