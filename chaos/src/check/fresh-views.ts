import { setTimeout as pause } from "node:timers/promises";
import type { Lab } from "../lab/lab.ts";
import type { SentView } from "../load/ledger.ts";
import { postedView, type ViewMaker } from "../load/make-views.ts";
import type { Post } from "../load/post.ts";

/** Milliseconds within which a new view must be accepted and stored after the faults. */
export const FRESH_MS_MAX = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * Posts a new view to every ingest, again until it is accepted, and waits until each is stored.
 *
 * @returns the milliseconds for each ingest; undefined where {@link FRESH_MS_MAX} was not enough.
 */
export function freshViews(
  { db, ingests }: Pick<Lab, "db" | "ingests">,
  { maker, ledger, post }: { maker: ViewMaker; ledger: Map<string, SentView>; post: Post },
): Promise<(number | undefined)[]> {
  return Promise.all(
    ingests.map(async (ingest) => {
      const began = performance.now();
      const view = maker.next({ nowMs: Date.now(), sentAtMs: began });
      ledger.set(view.id, view);
      while (performance.now() - began < FRESH_MS_MAX) {
        if (!view.isAcknowledged) {
          const { kind } = await post(ingest.port(), "/v1/views", postedView(view));
          view.isAcknowledged = kind === "acknowledged";
        }
        if (view.isAcknowledged && (await isStored(db, view))) return performance.now() - began;
        await pause(LOOK_EVERY_MS);
      }
      return undefined;
    }),
  );
}

async function isStored(db: Lab["db"], { id, modelId, viewedAtMs }: SentView): Promise<boolean> {
  const key = [modelId, new Date(viewedAtMs), id];
  const question = "select 1 from model_views where model_id = $1 and viewed_at = $2 and id = $3";
  const { rowCount } = await db.$client.query(question, key).catch(() => ({ rowCount: 0 }));
  return rowCount === 1;
}
