import { deleteModel } from "@model-views/db/models/delete-model.ts";
import { getModel } from "@model-views/db/models/get-model.ts";
import { type ListModelsQuestion, listModels } from "@model-views/db/models/list-models.ts";
import { putModel } from "@model-views/db/models/put-model.ts";
import { refusedChange } from "@model-views/db/models/refused-change.ts";
import { cancelledBy, type Queryable } from "@model-views/db/postgres/connect.ts";
import type { Model } from "@model-views/db/schema.ts";
import {
  type ModelAnswer,
  type ModelList,
  modelBodySchema,
  modelListSchema,
  modelSchema,
} from "@model-views/shared/contracts/models.ts";
import { problem } from "@model-views/shared/contracts/problems.ts";
import { storableText } from "@model-views/shared/contracts/text.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import { z } from "zod";
import { formatShape, sendCsv, wantsCsv } from "../http/csv.ts";
import {
  categoryQuery,
  cursorQuery,
  modelParams,
  noQuery,
  optionalLimitQuery,
  writeCursor,
} from "../http/parameters.ts";
import { unknownModel } from "../http/problems.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { ANNA, AS_OF, BELLA, CARLA, csv, UNKNOWN_ID, UNKNOWN_MODEL } from "./example-data.ts";

/** Models of a page without `limit`. */
const PAGE_MODELS = 100;

/** Models that are read at a time for a CSV of all of them. */
const CSV_PAGE_MODELS = 1_000;
const COLUMNS = ["id", "name", "category", "createdAt"] as const;

const createdAt = "2026-01-10T08:00:00.000Z";
const anna = { id: ANNA, name: "Anna", category: "women", createdAt };
const bella = { id: BELLA, name: "Bella", category: "women", createdAt };
const carla = { id: CARLA, name: "Carla", category: null, createdAt };
/** Where the page after Bella begins. */
const AFTER_BELLA = "MDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAy";

const listQuery = z.strictObject({
  ...formatShape,
  limit: optionalLimitQuery(1_000)
    .optional()
    .describe(`The most rows to answer. ${PAGE_MODELS} by default, and all of them in CSV`),
  cursor: cursorQuery,
  category: categoryQuery,
  q: storableText(255)
    .min(1)
    .optional()
    .describe("Only models whose name contains this text, in upper or lower case"),
});

export const listModelsRoute = defineRoute({
  id: "listModels",
  method: "get",
  path: "/v1/models",
  summary: "The website's models, by id",
  description: "A page of them. As CSV: all of them from the cursor on, unless `limit` is given.",
  access: "read",
  query: listQuery,
  answers: {
    200: {
      description: "A page of models",
      json: { ModelList: modelListSchema },
      csv: true,
      headers: ["ETag"],
    },
  },
  examples: {
    firstPage: {
      summary: "The first page",
      query: { limit: 2 },
      status: 200,
      answer: { items: [anna, bella], next: AFTER_BELLA, asOf: AS_OF },
    },
    lastPage: {
      summary: "The page after it",
      query: { limit: 2, cursor: AFTER_BELLA },
      status: 200,
      answer: { items: [carla], next: null, asOf: AS_OF },
    },
    named: {
      summary: "Models by a part of their name",
      query: { q: "ELL" },
      status: 200,
      answer: { items: [bella], next: null, asOf: AS_OF },
    },
    asCsv: {
      summary: "A category as CSV",
      query: { category: "women", format: "csv" },
      status: 200,
      answer: csv(
        "id,name,category,createdAt",
        `${ANNA},Anna,women,${createdAt}`,
        `${BELLA},Bella,women,${createdAt}`,
      ),
    },
  },
  async handle(
    { query, request, response },
    { db, answers, now }: Pick<RouteDeps, "db" | "answers" | "now">,
  ) {
    if (wantsCsv(request, response, query)) {
      const read: ReadModels = (page) =>
        answers.ofNow(response, ["rows of models", page], (unwanted) =>
          listModels(cancelledBy(db, unwanted), page),
        );
      return sendCsv(response, COLUMNS, allModels(read, query), query);
    }
    const answer = await answers.ofNow(response, ["models", query], (unwanted) =>
      pageOfModels(cancelledBy(db, unwanted), query, now()),
    );
    response.json(answer);
  },
});

export const getModelRoute = defineRoute({
  id: "getModel",
  method: "get",
  path: "/v1/models/:modelId",
  summary: "A model",
  access: "read",
  params: modelParams,
  query: noQuery,
  answers: { 200: { description: "The model", json: { Model: modelSchema }, headers: ["ETag"] } },
  problems: [404],
  examples: {
    known: { summary: "A model", params: { modelId: CARLA }, status: 200, answer: carla },
    unknown: { ...UNKNOWN_MODEL, params: { modelId: UNKNOWN_ID } },
  },
  async handle({ params: { modelId }, response }, { db, answers }: Pick<RouteDeps, "db" | "answers">) {
    const model = await answers.ofNow(response, ["model", { modelId }], (unwanted) =>
      getModel(cancelledBy(db, unwanted), modelId),
    );
    if (model === undefined) throw unknownModel(modelId);
    response.json(answerOf(model));
  },
});

export const putModelRoute = defineRoute({
  id: "putModel",
  method: "put",
  path: "/v1/models/:modelId",
  summary: "Creates a model, or changes its name and category",
  access: "admin",
  params: modelParams,
  body: { ModelBody: modelBodySchema },
  answers: {
    200: { description: "It existed, and has changed", json: { Model: modelSchema } },
    201: { description: "It is new", json: { Model: modelSchema } },
  },
  problems: [409],
  audit: { action: "put-model", subject: "modelId" },
  examples: {
    changed: {
      summary: "Anna becomes Anna Maria",
      params: { modelId: ANNA },
      body: { name: "Anna Maria", category: "women" },
      status: 200,
      answer: { ...anna, name: "Anna Maria" },
    },
    created: {
      summary: "A new model",
      params: { modelId: UNKNOWN_ID },
      body: { name: "Dora" },
      status: 201,
      answer: { id: UNKNOWN_ID, name: "Dora", category: null, createdAt: AS_OF },
    },
  },
  async handle({ params: { modelId }, body, response }, { adminDb }: Pick<RouteDeps, "adminDb">) {
    const { model, created } = await putModel(adminDb, { id: modelId, ...body }).catch(explainRefusal);
    response.status(created ? 201 : 200).json(answerOf(model));
  },
});

export const deleteModelRoute = defineRoute({
  id: "deleteModel",
  method: "delete",
  path: "/v1/models/:modelId",
  summary: "Deletes a model and its views",
  access: "admin",
  params: modelParams,
  answers: { 204: { description: "It is deleted" } },
  problems: [404, 409],
  audit: { action: "delete-model", subject: "modelId" },
  examples: {
    known: { summary: "A model", params: { modelId: CARLA }, status: 204 },
    unknown: { ...UNKNOWN_MODEL, params: { modelId: UNKNOWN_ID } },
  },
  async handle({ params: { modelId }, response }, { adminDb }: Pick<RouteDeps, "adminDb">) {
    if (!(await deleteModel(adminDb, modelId).catch(explainRefusal))) throw unknownModel(modelId);
    response.status(204).end();
  },
});

async function pageOfModels(
  db: Queryable,
  { limit = PAGE_MODELS, cursor, category, q }: z.infer<typeof listQuery>,
  now: Date,
): Promise<ModelList> {
  // One more than asked for shows whether there is a next page.
  const models = await listModels(db, { limit: limit + 1, afterId: cursor, category, nameContains: q });
  const items = models.slice(0, limit);
  const last = items.at(-1);
  const next = models.length > limit && last !== undefined ? writeCursor(last.id) : null;
  return { items: items.map(answerOf), next, asOf: now.toISOString() };
}

type ReadModels = (page: ListModelsQuestion) => Promise<Model[]>;

/** Models from the cursor on, at most `limit`, read a page at a time. */
async function* allModels(
  read: ReadModels,
  { limit: rowsMax = Number.POSITIVE_INFINITY, cursor, category, q }: z.infer<typeof listQuery>,
): AsyncGenerator<ModelAnswer> {
  let afterId = cursor;
  for (let left = rowsMax; left > 0; ) {
    const limit = Math.min(CSV_PAGE_MODELS, left);
    const models = await read({ limit, afterId, category, nameContains: q });
    yield* models.map(answerOf);
    afterId = models.at(-1)?.id;
    left -= models.length;
    if (models.length < limit) return;
  }
}

/** @throws {ProblemError} a `409` when the table of models, which may be the website's own, refuses a change. */
function explainRefusal(error: unknown): never {
  const why = refusedChange(error);
  if (why === undefined) throw error;
  const detail = `PostgreSQL says: ${why}. The website itself has to make, change or delete this model`;
  throw new ProblemError(problem("models-refused", 409, detail));
}

function answerOf({ id, name, category, createdAt }: Model): ModelAnswer {
  return { id, name, category, createdAt: createdAt.toISOString() };
}
