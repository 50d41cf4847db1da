import { cancelledBy } from "@model-views/db/postgres/connect.ts";
import { asking } from "@model-views/db/postgres/sql.ts";
import { bucketsOf } from "@model-views/db/stats/buckets.ts";
import { modelsTable, modelsTableOfAllTime } from "@model-views/db/stats/models-table.ts";
import {
  type ModelsTable,
  modelRowSchema,
  modelsTableSchema,
  SERIES_BUCKETS_MAX,
} from "@model-views/shared/contracts/models-table.ts";
import { botsSchema } from "@model-views/shared/contracts/stats.ts";
import type { Response } from "express";
import { z } from "zod";
import { ofAllTime, readsOf } from "../http/all-time.ts";
import { formatShape, sendListAs } from "../http/csv.ts";
import { checkFilters, filterShape, filtersOf } from "../http/filters.ts";
import { categoryQuery } from "../http/parameters.ts";
import { compareShape, hasPeriod, periodShape, resolvedPeriod } from "../http/periods.ts";
import { invalidParameter } from "../http/problems.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { MODELS_TABLE_EXAMPLES } from "./models-table-examples.ts";

const COLUMNS = [
  "modelId",
  "name",
  "category",
  "createdAt",
  "totalViews",
  "uniqueViews",
  "lastViewedAt",
] as const;

const PREVIOUS_COLUMNS = ["previousTotalViews", "previousUniqueViews"] as const;

const tableQuery = z.strictObject({
  ...periodShape,
  ...filterShape,
  ...formatShape,
  bots: botsSchema.default("exclude"),
  ...compareShape,
  category: categoryQuery,
  series: z
    .enum(["day", "week", "month"])
    .optional()
    .describe(
      `Adds the views in each day, week or month of the period to each row; ${SERIES_BUCKETS_MAX} at most. In CSV each is a column`,
    ),
});

type Deps = Pick<RouteDeps, "db" | "answers" | "inPeriod" | "now">;
type Question = z.infer<typeof tableQuery>;

export const modelsTableRoute = defineRoute({
  id: "getModelsTable",
  method: "get",
  path: "/v1/models/table",
  summary: "Every model with its views and viewers",
  description:
    "Models without views too, in one answer. The most viewed first; ties are broken by the model's id. Of all time, or of a period with `from` or `to`; `compare`, `series` and filters are for a period only.",
  access: "read",
  query: tableQuery,
  answers: {
    200: {
      description: "All models",
      json: { ModelsTable: modelsTableSchema },
      nested: { ModelRow: modelRowSchema },
      csv: true,
      headers: ["ETag", "Age", "Model-Views-Incomplete"],
    },
  },
  examples: MODELS_TABLE_EXAMPLES,
  async handle({ query, request, response }, deps: Deps) {
    checkFilters(query);
    for (const name of ["compare", "series"] as const) {
      if (query[name] !== undefined && !hasPeriod(query)) throw invalidParameter(name, "needs from or to");
    }
    const answer = hasPeriod(query)
      ? await askTable(response, deps, query)
      : await askTableOfAllTime(response, deps, query);
    await sendListAs({ request, response, query }, answer, asCsv(answer));
  },
});

/** The table of a period. */
export function askTable(response: Response, deps: Deps, question: Question): Promise<ModelsTable> {
  return deps.answers.ofPeriod(response, ["models table", question], modelsTableSchema, (unwanted) =>
    answerTable(deps, question, unwanted),
  );
}

function askTableOfAllTime(response: Response, deps: Deps, question: Question): Promise<ModelsTable> {
  return deps.answers.ofNow(
    response,
    ["models table", question],
    async (unwanted) => {
      const db = cancelledBy(deps.db, unwanted);
      const answer = await ofAllTime({ ...deps, db }, question.bots, async () => ({
        items: await modelsTableOfAllTime(asking(db.$client), question),
      }));
      return { isIncomplete: false, ...answer };
    },
    readsOf(question.bots),
  );
}

function answerTable(
  { inPeriod, now }: Deps,
  question: Question,
  unwanted: AbortSignal,
): Promise<ModelsTable> {
  const { bots, category, compare, series } = question;
  const filters = filtersOf(question);
  const asOf = now();
  return inPeriod(question, { now: asOf, unwanted }, async (ask, period) => {
    const previous = compare && period.previous;
    const buckets = series && (await bucketsOf(ask, { ...period, interval: series }));
    if (buckets !== undefined && buckets.length > SERIES_BUCKETS_MAX) {
      throw invalidParameter("series", `makes more than ${SERIES_BUCKETS_MAX} buckets of this period`);
    }
    // Only the first bucket may begin before the period.
    const spans = buckets?.map(({ start, end }, index) => ({
      start: index === 0 ? period.from : start,
      end,
    }));
    const found = await modelsTable(ask, { ...period, bots, filters, category, previous, spans });
    return {
      ...resolvedPeriod(period),
      ...(previous && { previous: resolvedPeriod(previous) }),
      ...(buckets && { buckets: buckets.map(({ start }) => start.toISOString()) }),
      ...found,
      asOf: asOf.toISOString(),
    };
  });
}

/** A column for each bucket is named by its start. */
function asCsv({ items, previous, buckets = [] }: ModelsTable): {
  columns: readonly string[];
  rows: readonly Record<string, unknown>[];
} {
  return {
    columns: [...COLUMNS, ...(previous ? PREVIOUS_COLUMNS : []), ...buckets],
    rows: items.map(({ previous: before, series, ...row }) => ({
      ...row,
      previousTotalViews: before?.totalViews,
      previousUniqueViews: before?.uniqueViews,
      ...Object.fromEntries(buckets.map((start, index) => [start, series?.[index]])),
    })),
  };
}
