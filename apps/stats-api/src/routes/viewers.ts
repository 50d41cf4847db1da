import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { exportViewer, type ViewerExport } from "@model-views/db/viewers/export-viewer.ts";
import {
  erasedViewerSchema,
  viewerExportSchema,
  viewerIdentifierSchema,
} from "@model-views/shared/contracts/viewers.ts";
import { z } from "zod";
import { noQuery } from "../http/parameters.ts";
import { defineRoute } from "../http/route.ts";
import { sendRows } from "../http/send-rows.ts";
import type { RouteDeps } from "./deps.ts";
import { ANNA, AS_OF } from "./example-data.ts";

/** Milliseconds in which an export must have been read: until then it uses a connection. */
const EXPORT_TIMEOUT_MS = 600_000;

const viewerParams = z.object({ viewerIdentifier: viewerIdentifierSchema });

const viewedAt = "2026-11-22T11:57:00.000Z";

export const exportViewerRoute = defineRoute({
  id: "exportViewer",
  method: "get",
  path: "/v1/viewers/:viewerIdentifier",
  summary: "Everything that is stored about a viewer",
  description: "For a viewer who is not known, the answer has empty lists.",
  access: "admin",
  params: viewerParams,
  query: noQuery,
  answers: { 200: { description: "What is stored", json: { ViewerExport: viewerExportSchema } } },
  audit: { action: "export-viewer", subject: "viewerIdentifier" },
  examples: {
    known: {
      summary: "A viewer who has viewed one model once",
      params: { viewerIdentifier: "member 8" },
      status: 200,
      answer: {
        viewerIdentifier: "member 8",
        views: [
          {
            id: "00000000-0000-4000-8000-0000000000a3",
            modelId: ANNA,
            viewerIdentifier: "member 8",
            viewedAt,
            viewedAtReplaced: false,
            ipAddress: null,
            userAgent: null,
            country: "FR",
            device: "desktop",
            browser: "Chrome",
            os: "Windows",
            referrerHost: "www.example.org",
            utmSource: null,
            utmMedium: null,
            utmCampaign: null,
            isBot: false,
          },
        ],
        models: [{ modelId: ANNA, views: 1, firstViewedAt: viewedAt, lastViewedAt: viewedAt }],
        rejectedViews: [],
        viewerNumbers: [],
        asOf: AS_OF,
      },
    },
    unknown: {
      summary: "A viewer who is not known",
      params: { viewerIdentifier: "stranger" },
      status: 200,
      answer: {
        viewerIdentifier: "stranger",
        views: [],
        models: [],
        rejectedViews: [],
        viewerNumbers: [],
        asOf: AS_OF,
      },
    },
  },
  async handle(
    { params: { viewerIdentifier }, response },
    { adminDb, now }: Pick<RouteDeps, "adminDb" | "now">,
  ) {
    const text = exportText(viewerIdentifier, exportViewer(adminDb.$client, viewerIdentifier), now());
    // Before the answer begins, so that a failing database is answered with a problem and not with half an answer.
    const first = await text.next();
    response.setHeader("Content-Type", "application/json; charset=utf-8");
    response.setHeader("Cache-Control", "no-store");
    await sendRows(response, { first, rest: text }, { signal: AbortSignal.timeout(EXPORT_TIMEOUT_MS) });
  },
});

export const eraseViewerRoute = defineRoute({
  id: "eraseViewer",
  method: "delete",
  path: "/v1/viewers/:viewerIdentifier",
  summary: "Erases a viewer, and corrects all stats",
  description: "Views of the viewer that are not recorded yet are not stored either.",
  access: "admin",
  params: viewerParams,
  query: noQuery,
  answers: { 200: { description: "What was removed", json: { ErasedViewer: erasedViewerSchema } } },
  audit: { action: "erase-viewer", subject: "viewerIdentifier" },
  examples: {
    known: {
      summary: "A viewer who has viewed one model twice",
      params: { viewerIdentifier: "member 7" },
      status: 200,
      answer: {
        viewerIdentifier: "member 7",
        erased: { views: 2, rejectedViews: 0, models: 1 },
        until: "2026-11-22T12:05:00.000Z",
        asOf: AS_OF,
      },
    },
  },
  async handle(
    { params: { viewerIdentifier }, response },
    { adminDb, erasureTime }: Pick<RouteDeps, "adminDb" | "erasureTime">,
  ) {
    const now = await erasureTime();
    const { until, ...erased } = await eraseViewer(adminDb.$client, viewerIdentifier, { now });
    response.json({ viewerIdentifier, erased, until: until.toISOString(), asOf: now.toISOString() });
  },
});

/** The export as JSON, some rows at a time. */
async function* exportText(
  viewerIdentifier: string,
  batches: AsyncGenerator<ViewerExport>,
  now: Date,
): AsyncGenerator<string, undefined> {
  let list: ViewerExport["part"] | undefined;
  let comma = "";
  for await (const { part, rows } of batches) {
    let text = "";
    if (part !== list) {
      text = list === undefined ? `{"viewerIdentifier":${JSON.stringify(viewerIdentifier)},` : "],";
      text += `"${part}":[`;
      list = part;
      comma = "";
    }
    if (rows.length > 0) {
      text += `${comma}${rows.map((row) => JSON.stringify(row)).join(",")}`;
      comma = ",";
    }
    yield text;
  }
  yield `],"asOf":"${now.toISOString()}"}`;
}
