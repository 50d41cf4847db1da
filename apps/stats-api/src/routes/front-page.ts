import { findModels } from "@model-views/db/models/find-models.ts";
import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import {
  type FrontPage,
  type FrontPageSeat,
  frontPageSchema,
  frontPageSeatSchema,
  leavingModelSchema,
} from "@model-views/shared/contracts/front-page.ts";
import { chooseSeats } from "../front-page/choose-seats.ts";
import { leavingModels } from "../front-page/leaving.ts";
import { rankModels } from "../front-page/rank-models.ts";
import { hasPeriod } from "../http/periods.ts";
import { unknownModel } from "../http/problems.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { FRONT_PAGE_EXAMPLES } from "./front-page-examples.ts";
import { type FrontPageQuestion, frontPageQuery, lockedSeats } from "./front-page-query.ts";

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;

export const frontPageRoute = defineRoute({
  id: "getFrontPage",
  method: "get",
  path: "/v1/front-page",
  summary: "Which models should be on the front page, who is new there, who leaves, and why",
  description:
    "Locked models keep their seats; the others fill the free ones in the order of the ranking, without excluded models and with at most `perCategory` of a category. The rankings are those of `/v1/models/top`, without bots. Nothing is stored.",
  access: "read",
  query: frontPageQuery,
  answers: {
    200: {
      description: "The seats, and the models that leave",
      json: { FrontPage: frontPageSchema },
      nested: { FrontPageSeat: frontPageSeatSchema, LeavingModel: leavingModelSchema },
      headers: ["ETag", "Age"],
    },
  },
  problems: [404],
  examples: FRONT_PAGE_EXAMPLES,
  async handle({ query, response }, deps: Deps) {
    const ask = (unwanted: AbortSignal) => answerFrontPage(deps, query, unwanted);
    const question = ["front page", query] as const;
    response.json(
      hasPeriod(query)
        ? await deps.answers.ofPeriod(response, question, frontPageSchema, ask)
        : await deps.answers.ofNow(
            response,
            question,
            ask,
            query.sort === "hot" || query.sort === "rising" ? "views" : "rollups",
          ),
    );
  },
});

async function answerFrontPage(
  deps: Deps,
  question: FrontPageQuestion,
  unwanted: AbortSignal,
): Promise<FrontPage> {
  const { category, limit, perCategory, current } = question;
  const now = deps.now();
  const locked = lockedSeats(question.locked);
  const excluded = new Set(question.excluded);
  const ids = [...locked.map(({ modelId }) => modelId), ...(current ?? [])];
  const found = await findModels(asking(cancelledBy(deps.db, unwanted).$client), ids);
  const known = new Map(found.map((model) => [model.modelId, model]));
  const lockedModels = locked.map(({ modelId, seat }) => {
    const model = known.get(modelId);
    if (model === undefined) throw unknownModel(modelId);
    return { modelId, seat, category: model.category };
  });
  const ranking = await rankModels(deps, question, { now, unwanted });
  const ranked = ranking.ranked.filter((model) => category === undefined || model.category === category);
  const chosen = chooseSeats({ ranked, limit, perCategory, locked: lockedModels, excluded });
  // A locked model of another category has its place in the ranking as well.
  const rankedById = new Map(ranking.ranked.map((model) => [model.modelId, model]));
  const isOfPeriod = ranking.period !== undefined;
  return {
    items: chosen.seats.map(({ seat, model: { modelId }, isLocked }): FrontPageSeat => {
      const model = rankedById.get(modelId) ?? known.get(modelId);
      if (model === undefined) throw new Error("a seat without its model");
      const isCounted = rankedById.has(modelId) || !isOfPeriod;
      return {
        ...model,
        ...(isCounted ? {} : NOTHING),
        seat,
        isLocked,
        isNew: current !== undefined && !current.includes(modelId),
      };
    }),
    leaving: leavingModels(chosen, { ...question, isOfPeriod, excluded, current: current ?? [], known }),
    ...ranking.period,
    isIncomplete: ranking.isIncomplete,
    asOf: now.toISOString(),
  };
}

/** The counts of a model that is in no ranking of a period. */
const NOTHING = { totalViews: 0, uniqueViews: 0, lastViewedAt: null };
