import { modelIdSchema } from "@model-views/shared/contracts/views.ts";
import { z } from "zod";
import { formatShape } from "../http/csv.ts";
import { readCursor } from "../http/cursor.ts";
import { categoryQuery, limitGiven, modelParams, noQuery } from "../http/request-schemas.ts";
import {
  deleteModelExamples,
  getModelExamples,
  listModelsExamples,
  putModelExamples,
} from "./model-examples.ts";
import type { Operation } from "./operation.ts";

/** Models of a page for whoever does not say how many. */
export const MODELS_PAGE = 100;

/** The website's models. */
export const modelOperations = {
  list: {
    id: "listModels",
    method: "get",
    path: "/v1/models",
    summary: "The website's models, by id",
    description: "A page of them; as CSV all of them from the cursor on, unless `limit` is given.",
    key: "read",
    query: z.strictObject({
      ...formatShape,
      limit: limitGiven(1_000)
        .optional()
        .describe(`Rows at most. Unless given: ${MODELS_PAGE}, and in CSV all of them`),
      cursor: z
        .string()
        .transform(readCursor)
        .refine((id) => modelIdSchema.safeParse(id).success, { error: "is no cursor of this list" })
        .transform((id) => modelIdSchema.parse(id))
        .optional()
        .describe("`next` of the page before"),
      category: categoryQuery,
    }),
    answers: { 200: { description: "A page of models", json: "ModelList", csv: true, headers: ["ETag"] } },
    examples: listModelsExamples,
  },
  get: {
    id: "getModel",
    method: "get",
    path: "/v1/models/:modelId",
    summary: "A model",
    key: "read",
    params: modelParams,
    query: noQuery,
    answers: { 200: { description: "The model", json: "Model", headers: ["ETag"] } },
    mayBeUnknown: true,
    examples: getModelExamples,
  },
  put: {
    id: "putModel",
    method: "put",
    path: "/v1/models/:modelId",
    summary: "Creates a model, or changes its name and category",
    key: "admin",
    params: modelParams,
    body: "ModelBody",
    answers: {
      200: { description: "It was there, and is so now", json: "Model" },
      201: { description: "It is new", json: "Model" },
    },
    mayBeRefused: true,
    examples: putModelExamples,
  },
  delete: {
    id: "deleteModel",
    method: "delete",
    path: "/v1/models/:modelId",
    summary: "Deletes a model and its views",
    key: "admin",
    params: modelParams,
    answers: { 204: { description: "It is gone" } },
    mayBeUnknown: true,
    mayBeRefused: true,
    examples: deleteModelExamples,
  },
} as const satisfies Record<string, Operation>;
