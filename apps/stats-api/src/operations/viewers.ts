import { viewerIdentifierSchema } from "@model-views/shared/contracts/viewers.ts";
import { z } from "zod";
import { noQuery } from "../http/request-schemas.ts";
import type { Operation } from "./operation.ts";
import { eraseViewerExamples, exportViewerExamples } from "./viewer-examples.ts";

const viewerParams = z.object({ viewerIdentifier: viewerIdentifierSchema });

/** What is known of a single viewer. */
export const viewerOperations = {
  export: {
    id: "exportViewer",
    method: "get",
    path: "/v1/viewers/:viewerIdentifier",
    summary: "Everything that is stored of a viewer",
    description: "Of a viewer whom nobody knows it is nothing, and no problem.",
    key: "admin",
    params: viewerParams,
    query: noQuery,
    answers: { 200: { description: "What is stored", json: "ViewerExport" } },
    examples: exportViewerExamples,
  },
  erase: {
    id: "eraseViewer",
    method: "delete",
    path: "/v1/viewers/:viewerIdentifier",
    summary: "Erases a viewer, and corrects every figure",
    description: "Views of the viewer that are still on their way are not stored either.",
    key: "admin",
    params: viewerParams,
    query: noQuery,
    answers: { 200: { description: "What was removed", json: "ErasedViewer" } },
    examples: eraseViewerExamples,
  },
} as const satisfies Record<string, Operation>;
