import type { ServiceStatus } from "@model-views/shared/contracts/pipeline.ts";
import type { SettingsAnswer } from "@model-views/shared/contracts/settings.ts";
import { useQuery } from "@tanstack/react-query";
import { ask } from "../../api/ask.ts";
import { useSite } from "../../api/site.tsx";
import { formatInstant } from "../../format/dates.ts";
import { Failure } from "../../parts/failure.tsx";
import grid from "../../parts/grid.module.css";
import { Page } from "../../parts/page.tsx";
import { privacySentences, retentionSentences } from "./in-words.ts";
import styles from "./settings-page.module.css";

/** Who reads, with which keys, and how the system is set up. It shows, and changes nothing: settings belong to the services. */
export function SettingsPage() {
  const query = useQuery(ask<SettingsAnswer>("/v1/settings", {}, { refreshMs: 30_000 }));
  const { data, error } = query;
  return (
    <Page title="Settings">
      {error !== null && (
        <Failure error={error} isOutdated={data !== undefined} onRetry={() => void query.refetch()} />
      )}
      {data === undefined ? (
        error === null && <p role="status">Looking…</p>
      ) : (
        <div className={grid["grid"]}>
          <Reader />
          <Keys settings={data} />
          <Sentences title="Privacy" sentences={privacySentences(settingsOf(data, "ingest"))} />
          <Sentences
            title="Time and retention"
            sentences={[
              `Days and months are those of ${data.reportingTimeZone ?? "a time zone that is not known now"}. npm run reporting-zone changes it.`,
              ...retentionSentences(settingsOf(data, "worker")),
            ]}
          />
          <Services settings={data} />
        </div>
      )}
    </Page>
  );
}

function Reader() {
  const { name, hasSession, mayChange, canSignIn, version } = useSite();
  return (
    <section className={styles["card"]} aria-labelledby="reader">
      <h2 id="reader">You</h2>
      <p>
        {name === null ? "No key is needed on this machine." : `You read with the key “${name}”.`}{" "}
        {mayChange ? "You may read and change." : "You may read."}
      </p>
      {!canSignIn && <p className="muted">There are no keys: this is a development system.</p>}
      {hasSession && <p className="muted">The session ends after 12 hours without use.</p>}
      <p className="muted">Version {version}</p>
    </section>
  );
}

function Keys({ settings: { keys } }: { settings: SettingsAnswer }) {
  const { reportingTimeZone: tz } = useSite();
  return (
    <section className={styles["card"]} aria-labelledby="keys">
      <h2 id="keys">Keys</h2>
      {keys.length === 0 ? (
        <p className="muted">None. STATS_KEYS and ADMIN_KEYS of the stats API set them.</p>
      ) : (
        <table className={styles["table"]}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">May</th>
              <th scope="col">Last use</th>
            </tr>
          </thead>
          <tbody>
            {keys.map(({ name, kind, lastUsedAt }) => (
              <tr key={`${kind} ${name}`}>
                <th scope="row">{name}</th>
                <td>{kind === "admin" ? "read and change" : "read"}</td>
                <td>
                  {lastUsedAt === null ? "not since this process was started" : formatInstant(lastUsedAt, tz)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  return (
    <section className={styles["card"]} aria-label={title}>
      <h2>{title}</h2>
      {sentences.length === 0 ? (
        <p className="muted">Not known: the service has not said how it is set up.</p>
      ) : (
        <ul className={styles["sentences"]}>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Services({ settings: { services } }: { settings: SettingsAnswer }) {
  return (
    <section className={styles["card"]} aria-labelledby="services">
      <h2 id="services">Settings of each process</h2>
      {"error" in services ? (
        <p className="muted">{services.error.detail}</p>
      ) : (
        services.data.map(({ service, id, version, settings }) => (
          <details key={service + id}>
            <summary>
              {service} <code>{id}</code> <span className="muted">version {version}</span>
            </summary>
            <dl className={styles["details"]}>
              {Object.entries(settings).map(([name, value]) => (
                <div key={name}>
                  <dt>
                    <code>{name}</code>
                  </dt>
                  <dd>{Array.isArray(value) ? value.join(", ") || "none" : String(value)}</dd>
                </div>
              ))}
            </dl>
          </details>
        ))
      )}
    </section>
  );
}

/** The settings of the newest process of a service; undefined when none is seen. */
function settingsOf(
  { services }: SettingsAnswer,
  service: ServiceStatus["service"],
): ServiceStatus["settings"] | undefined {
  return "data" in services
    ? services.data.findLast((each) => each.service === service)?.settings
    : undefined;
}
