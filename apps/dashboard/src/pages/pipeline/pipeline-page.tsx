import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";
import type { Redriven } from "@model-views/shared/contracts/rejected.ts";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, TriangleAlert } from "lucide-react";
import { ask } from "../../api/ask.ts";
import { useSite } from "../../api/site.tsx";
import { formatCount } from "../../format/numbers.ts";
import { Failure } from "../../parts/failure.tsx";
import grid from "../../parts/grid.module.css";
import { Page } from "../../parts/page.tsx";
import { Accounts } from "./accounts.tsx";
import { Flow } from "./flow.tsx";
import { Part } from "./part.tsx";
import styles from "./pipeline-page.module.css";
import { Processes } from "./processes.tsx";
import { PutBack } from "./put-back.tsx";
import { Stores } from "./stores.tsx";

/** Milliseconds between two looks. */
const LOOK_MS = 5_000;

/** Whether every accepted view is counted, and what is wrong where it is not: from ingest to PostgreSQL. */
export function PipelinePage() {
  const query = useQuery(ask<PipelineAnswer>("/v1/pipeline", {}, { refreshMs: LOOK_MS }));
  const { data, error } = query;
  return (
    <Page title="Pipeline">
      {error !== null && (
        <Failure error={error} isOutdated={data !== undefined} onRetry={() => void query.refetch()} />
      )}
      {data === undefined ? (
        error === null && <p role="status">Looking…</p>
      ) : (
        <>
          <Problems problems={data.problems} />
          <Flow pipeline={data} />
          <div className={grid["grid"]}>
            <div className={styles["stack"]}>
              <Accounts accounting={data.accounting} />
              <Rejected rejected={data.rejected} />
            </div>
            <Stores pipeline={data} />
          </div>
          <Part title="Processes" part={data.services}>
            {(services) => <Processes services={services} now={new Date(data.asOf)} />}
          </Part>
        </>
      )}
    </Page>
  );
}

function Problems({ problems }: Pick<PipelineAnswer, "problems">) {
  return (
    <section aria-label="What is wrong" role="status">
      {problems.length === 0 ? (
        <p className={styles["well"]}>
          <CircleCheck size={18} aria-hidden /> All is well: views are accepted and stored.
        </p>
      ) : (
        <ul className={styles["problems"]}>
          {problems.map(({ part, text, action }) => (
            <li key={`${part} ${text}`}>
              <TriangleAlert size={18} aria-hidden />
              <div>
                <strong>{text}</strong>
                <p>{action}</p>
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  unknown_model: "Of models that do not exist. When a model is made, its views are stored by themselves.",
  past_retention: "Of months that retention has removed.",
  refused: "Refused by PostgreSQL. npm run redrive stores them once the reason is put right.",
};

function Rejected({ rejected }: Pick<PipelineAnswer, "rejected">) {
  const { mayChange } = useSite();
  return (
    <Part title="Rejected views" part={rejected}>
      {({ items, unkeptViews }) => (
        <>
          {items.length === 0 ? (
            <p className="muted">None.</p>
          ) : (
            <table className={styles["table"]}>
              <thead>
                <tr>
                  <th scope="col">Reason</th>
                  <th scope="col" className="number">
                    Views
                  </th>
                </tr>
              </thead>
              <tbody>
                {items.map(({ reason, views }) => (
                  <tr key={reason}>
                    <th scope="row">
                      <code>{reason}</code>
                      <p className="muted">{REASONS[reason]}</p>
                    </th>
                    <td className="number">{formatCount(views)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {mayChange && items.some(({ reason }) => reason === "refused") && (
            <PutBack<Redriven>
              label="Store the refused ones after all"
              path="/v1/rejected/redrive"
              body={{ reason: "refused" }}
              countOf={({ redriven }) => redriven}
              leftOf={({ unreadable }) =>
                unreadable === 0 ? undefined : `${formatCount(unreadable)} cannot be read.`
              }
              what="views"
            />
          )}
          {unkeptViews > 0 && (
            <p className="muted">
              {formatCount(unkeptViews)} more views of models that do not exist are counted, and not kept.
            </p>
          )}
        </>
      )}
    </Part>
  );
}
