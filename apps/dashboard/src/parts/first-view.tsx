import type { ModelList } from "@model-views/shared/contracts/models.ts";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { ask } from "../api/ask.ts";
import { useLive } from "../api/live.tsx";
import { sessionQuestion } from "../api/session.ts";
import { CopyButton } from "./copy-button.tsx";
import styles from "./first-view.module.css";
import { Page } from "./page.tsx";
import { PLACEHOLDER_ADDRESS, PLACEHOLDER_MODEL, snippetOf } from "./snippet.ts";

/** Milliseconds between two looks for the first view, beside the live stream. */
const LOOK_MS = 3_000;

/** For a site without a view: what to paste, and waiting. The page comes by itself with the first view. */
export function FirstView() {
  useLookForFirstView();
  const models = useQuery(ask<ModelList>("/v1/models", { limit: 1 }));
  const settings = useQuery({ ...ask<{ ingestAddress?: string }>("/v1/settings"), retry: false });
  const known = settings.data?.ingestAddress ?? "";
  const [typed, setTyped] = useState<string>();
  const address = typed ?? known;
  const model = models.data?.items[0];
  const snippet = snippetOf(address, model?.id ?? PLACEHOLDER_MODEL);
  return (
    <Page title="Waiting for the first view">
      <div className={styles["card"]}>
        <p className={styles["waiting"]} role="status">
          <span className={styles["pulse"]} aria-hidden />
          Waiting for the first view… This page turns by itself when it comes.
        </p>
        <ol className={styles["steps"]}>
          <li>
            <h2>Put this into the profile's page</h2>
            <div className={styles["snippet"]}>
              <pre>
                <code>{snippet}</code>
              </pre>
              <CopyButton text={snippet} />
            </div>
            <p className="muted">
              {model === undefined ? (
                <>
                  <code>{PLACEHOLDER_MODEL}</code> stands for the model's id: the site has no model yet.
                </>
              ) : (
                <>This one counts views of {model.name}. Each profile has the id of its model.</>
              )}
            </p>
            <label className={styles["address"]}>
              Address of ingest
              <input
                type="url"
                value={address}
                placeholder={PLACEHOLDER_ADDRESS}
                onChange={(event) => setTyped(event.target.value)}
              />
            </label>
            {address === "" && (
              <p className="muted">
                <code>{PLACEHOLDER_ADDRESS}</code> stands for the address at which browsers reach ingest. On
                your own machine, <code>npm start</code> prints it.
              </p>
            )}
          </li>
          <li>
            <h2>Open that page in a browser</h2>
            <p className="muted">
              A view is counted once the page is seen. Those of bots are not, and those of pages on other
              origins only when <code>ALLOWED_ORIGINS</code> names them.
            </p>
          </li>
        </ol>
      </div>
    </Page>
  );
}

function useLookForFirstView(): void {
  const client = useQueryClient();
  const views = useLive().figures?.views ?? 0;
  useEffect(() => {
    const look = () => void client.invalidateQueries(sessionQuestion);
    if (views > 0) look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [client, views]);
}
