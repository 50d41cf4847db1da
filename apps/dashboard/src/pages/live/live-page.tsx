import type { Dimension } from "@model-views/shared/contracts/breakdown.ts";
import type { LiveDetails } from "@model-views/shared/contracts/live.ts";
import { Link } from "@tanstack/react-router";
import { useAddress } from "../../address/use-address.ts";
import { useLive } from "../../api/live.tsx";
import { useSite } from "../../api/site.tsx";
import { LineChart } from "../../charts/line-chart.tsx";
import { formatTime } from "../../format/dates.ts";
import { formatCount } from "../../format/numbers.ts";
import { DIMENSION_LABELS, nameOfValue } from "../../format/values.ts";
import grid from "../../parts/grid.module.css";
import { Page } from "../../parts/page.tsx";
import styles from "./live-page.module.css";

const STATES = {
  connecting: "Connecting…",
  live: "Live: figures come as they change.",
  unavailable: "The database cannot be asked now. Figures come back by themselves.",
  lost: "The connection is lost. It comes back by itself; below are the last figures.",
} as const;

/** What is viewed now: pushed by the stats API, without a reload. */
export function LivePage() {
  const { connection, figures, details } = useLive({ details: true });
  return (
    <Page
      title="Live"
      beside={
        <p className={styles["state"]} data-state={connection} role="status">
          {STATES[connection]}
        </p>
      }
    >
      <section className={styles["card"]} aria-label="The last five minutes">
        <p className={styles["figure"]}>
          <strong>{formatCount(figures?.viewers)}</strong> viewers
        </p>
        <p className={styles["figure"]}>
          <strong>{formatCount(figures?.views)}</strong> views
        </p>
        <p className="muted">in the last five minutes, without bots</p>
      </section>
      {details !== undefined && <Details details={details} />}
    </Page>
  );
}

function Details({ details }: { details: LiveDetails }) {
  const { reportingTimeZone: tz } = useSite();
  const { minutes, models, countries, devices, referrers } = details;
  return (
    <>
      <section className={styles["card"]} aria-labelledby="by-minute">
        <h2 id="by-minute">Views and viewers by minute</h2>
        <LineChart
          label="Views and viewers by minute, of the last half hour"
          height={240}
          isLastOpen
          hasLegend
          steps={minutes.map(({ start }) => ({ name: formatTime(start, tz), short: formatTime(start, tz) }))}
          format={formatCount}
          lines={[
            {
              key: "views",
              label: "Views",
              color: "var(--views)",
              values: minutes.map(({ views }) => views),
              isArea: true,
            },
            {
              key: "viewers",
              label: "Viewers",
              color: "var(--viewers)",
              values: minutes.map(({ viewers }) => viewers),
            },
          ]}
        />
      </section>
      <div className={grid["grid"]}>
        <Models models={models} tz={tz} />
        <Values title="Countries" dimension="country" items={countries} />
        <Values title="Referrers" dimension="referrer" items={referrers} />
        <Values title="Devices" dimension="device" items={devices} />
      </div>
    </>
  );
}

function Models({ models, tz }: { models: LiveDetails["models"]; tz: string }) {
  const { shared } = useAddress();
  return (
    <section className={styles["card"]} aria-labelledby="models-now">
      <h2 id="models-now">Being looked at</h2>
      {models.length === 0 ? (
        <p className="muted">No model in the last five minutes.</p>
      ) : (
        <table className={styles["table"]}>
          <thead>
            <tr>
              <th scope="col">Model</th>
              <th scope="col" className="number">
                Views
              </th>
              <th scope="col" className="number">
                Viewers
              </th>
              <th scope="col" className="number">
                Last
              </th>
            </tr>
          </thead>
          <tbody>
            {models.map(({ modelId, name, category, views, viewers, lastViewedAt }) => (
              <tr key={modelId}>
                <th scope="row">
                  <Link to="/models/$modelId" params={{ modelId }} search={shared as never}>
                    {name}
                  </Link>{" "}
                  <span className="muted">{category}</span>
                </th>
                <td className="number">{formatCount(views)}</td>
                <td className="number">{formatCount(viewers)}</td>
                <td className="number muted">{formatTime(lastViewedAt, tz, { withSeconds: true })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Values({
  title,
  dimension,
  items,
}: {
  title: string;
  dimension: Dimension;
  items: LiveDetails["countries"];
}) {
  return (
    <section className={styles["card"]} aria-label={title}>
      <h2>{title}</h2>
      {items.length === 0 ? (
        <p className="muted">None in the last five minutes.</p>
      ) : (
        <table className={styles["table"]}>
          <thead>
            <tr>
              <th scope="col">{DIMENSION_LABELS[dimension]}</th>
              <th scope="col" className="number">
                Views
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ value, views }) => (
              <tr key={value ?? ""}>
                <th scope="row">{nameOfValue(dimension, value)}</th>
                <td className="number">{formatCount(views)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
