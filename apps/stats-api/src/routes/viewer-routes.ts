import type { Db } from "@model-views/db/postgres/connect.ts";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { exportViewer, type ViewerExport } from "@model-views/db/viewers/export-viewer.ts";
import type { ErasedViewerAnswer } from "@model-views/shared/contracts/viewers.ts";
import { Router } from "express";
import { parse } from "../http/parse.ts";
import { sendRows } from "../http/send-rows.ts";
import { viewerOperations } from "../operations/viewers.ts";

/** Milliseconds in which an export must have been read: until then it keeps a connection. */
const EXPORT_TIMEOUT_MS = 600_000;

type ViewerRoutesDeps = {
  db: Db;
  now: () => Date;
  /** The time of an erasure: the latest of the clocks that there are. */
  erasureTime: () => Promise<Date>;
};

/** `GET|DELETE /v1/viewers/:viewerIdentifier`: one viewer's export, and erasure. For admins alone. */
export function viewerRoutes({ db, now, erasureTime }: ViewerRoutesDeps): Router {
  const router = Router();

  router.get("/viewers/:viewerIdentifier", async (request, response) => {
    const { viewerIdentifier } = parse(viewerOperations.export.params, request.params);
    parse(viewerOperations.export.query, request.query);
    const text = exportText(viewerIdentifier, exportViewer(db.$client, viewerIdentifier), now);
    // Before the answer begins, so that a database that is away is a problem answer and not a broken one.
    const first = await text.next();
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    const signal = AbortSignal.timeout(EXPORT_TIMEOUT_MS);
    await sendRows(response, { first, rest: text }, { signal });
  });

  router.delete("/viewers/:viewerIdentifier", async (request, response) => {
    const { viewerIdentifier } = parse(viewerOperations.erase.params, request.params);
    parse(viewerOperations.erase.query, request.query);
    const asOf = await erasureTime();
    const { until, ...erased } = await eraseViewer(db.$client, viewerIdentifier, { now: asOf });
    const answer: ErasedViewerAnswer = {
      viewerIdentifier,
      erased,
      until: until.toISOString(),
      asOf: asOf.toISOString(),
    };
    response.json(answer);
  });

  return router;
}

/** The answer's text, some rows at a time. */
async function* exportText(
  viewerIdentifier: string,
  parts: AsyncGenerator<ViewerExport>,
  now: () => Date,
): AsyncGenerator<string, undefined> {
  const asOf = now().toISOString();
  let open: ViewerExport["part"] | undefined;
  let comma = "";
  for await (const { part, rows } of parts) {
    let text = "";
    if (part !== open) {
      text = open === undefined ? `{"viewerIdentifier":${JSON.stringify(viewerIdentifier)},` : "],";
      text += `"${part}":[`;
      open = part;
      comma = "";
    }
    if (rows.length > 0) {
      text += `${comma}${rows.map((row) => JSON.stringify(row)).join(",")}`;
      comma = ",";
    }
    yield text;
  }
  yield `],"asOf":"${asOf}"}`;
}
