import { deleteModel } from "@model-views/db/models/delete-model.ts";
import { getModel } from "@model-views/db/models/get-model.ts";
import { listModels } from "@model-views/db/models/list-models.ts";
import { putModel } from "@model-views/db/models/put-model.ts";
import { refusedChange } from "@model-views/db/models/refused-change.ts";
import type { Db } from "@model-views/db/postgres/connect.ts";
import type { Model } from "@model-views/db/schema.ts";
import { type ModelAnswer, type ModelList, modelBodySchema } from "@model-views/shared/contracts/models.ts";
import { problem } from "@model-views/shared/contracts/problems.ts";
import { ProblemError } from "@model-views/shared/http/express-problems.ts";
import { readJson, refuseBody } from "@model-views/shared/http/read-json.ts";
import { Router } from "express";
import type { z } from "zod";
import type { Answers } from "../cache/answers.ts";
import { sendCsv, wantsCsv } from "../http/csv.ts";
import { writeCursor } from "../http/cursor.ts";
import { parse } from "../http/parse.ts";
import { unknownModel } from "../http/request-schemas.ts";
import { MODELS_PAGE, modelOperations } from "../operations/models.ts";

const BODY_BYTES_MAX = 32 * 1024;

/** Models that are read at a time for a list without end. */
const CSV_PAGE = 1_000;
const COLUMNS = ["id", "name", "category", "createdAt"] as const;

export type ModelRoutesDeps = { db: Db; adminDb: Db; answers: Answers; now: () => Date };
type ListQuestion = z.infer<typeof modelOperations.list.query>;

/** `PUT|GET|DELETE /v1/models/:modelId` and `GET /v1/models`: the website's models. */
export function modelRoutes({ db, adminDb, answers, now }: ModelRoutesDeps): Router {
  const router = Router();

  router.get("/models", async (request, response) => {
    const question = parse(modelOperations.list.query, request.query);
    const { cursor, category } = question;
    if (wantsCsv(request, response, question)) {
      const rowsMax = question.limit ?? Number.POSITIVE_INFINITY;
      return sendCsv(response, COLUMNS, allModels(db, { cursor, category, rowsMax }), question);
    }
    response.json(await answers.ofNow(["models", question], () => page(question)));
  });

  router.get("/models/:modelId", async (request, response) => {
    const { modelId } = parse(modelOperations.get.params, request.params);
    parse(modelOperations.get.query, request.query);
    const model = await answers.ofNow(["model", { modelId }], () => getModel(db, modelId));
    if (model === undefined) throw unknownModel(modelId);
    response.json(answerOf(model));
  });

  router.put("/models/:modelId", async (request, response) => {
    const read = await readJson(request, BODY_BYTES_MAX);
    if (!read.ok) return refuseBody(request, response, read.problem);
    const { modelId } = parse(modelOperations.put.params, request.params);
    const model = { id: modelId, ...parse(modelBodySchema, read.value) };
    const { model: stored, created } = await putModel(adminDb, model).catch(explainRefusal);
    response.status(created ? 201 : 200).json(answerOf(stored));
  });

  router.delete("/models/:modelId", async (request, response) => {
    const { modelId } = parse(modelOperations.delete.params, request.params);
    if (!(await deleteModel(adminDb, modelId).catch(explainRefusal))) throw unknownModel(modelId);
    response.status(204).end();
  });

  return router;

  async function page({ limit = MODELS_PAGE, cursor, category }: ListQuestion): Promise<ModelList> {
    const asOf = now().toISOString();
    // One more than asked for tells whether there is a next page.
    const models = await listModels(db, { limit: limit + 1, afterId: cursor, category });
    const items = models.slice(0, limit);
    const last = items.at(-1);
    const next = models.length > limit && last !== undefined ? writeCursor(last.id) : null;
    return { items: items.map(answerOf), next, asOf };
  }
}

/** @throws {ProblemError} a `409` when the table of models, which may be the website's own, does not take a change. */
function explainRefusal(error: unknown): never {
  const why = refusedChange(error);
  if (why === undefined) throw error;
  const detail = `PostgreSQL says: ${why}. The website itself has to make, change or delete this model`;
  throw new ProblemError(problem("models-refused", 409, detail));
}

/** Models from the cursor on, all of them or so many, read a page at a time. */
async function* allModels(
  db: Db,
  {
    cursor,
    category,
    rowsMax,
  }: { cursor: string | undefined; category: string | undefined; rowsMax: number },
): AsyncGenerator<ModelAnswer> {
  let afterId = cursor;
  for (let left = rowsMax; left > 0; ) {
    const limit = Math.min(CSV_PAGE, left);
    const models = await listModels(db, { limit, afterId, category });
    yield* models.map(answerOf);
    afterId = models.at(-1)?.id;
    left -= models.length;
    if (models.length < limit) return;
  }
}

function answerOf({ id, name, category, createdAt }: Model): ModelAnswer {
  return { id, name, category, createdAt: createdAt.toISOString() };
}
