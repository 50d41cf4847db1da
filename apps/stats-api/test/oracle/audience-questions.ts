import type { ValueFilter } from "@model-views/db/audiences/grouping.ts";
import { type Dimension, dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import { breakdownOf } from "./breakdown.ts";
import { iso } from "./clock.ts";
import { overlapOf } from "./overlap.ts";
import { type Ask, modelsOf, pathOf, type Question, resolvedPeriod, withFilters } from "./question.ts";
import type { OracleModel } from "./store.ts";

/** How the viewers of all models overlap. */
export function audienceQuestions(ask: Ask): Question[] {
  const { from, to, tz, bots } = ask.asked;
  const models = modelsOf(ask).toReversed();
  if (models.length < 2) return [];
  return [
    {
      path: pathOf("/v1/audience", { models: models.map(({ id }) => id).join(), from, to, tz, bots }),
      expected: {
        tz,
        ...resolvedPeriod(ask.period),
        ...overlapOf(ask.store, models, { span: ask.period, bots }),
        asOf: iso(ask.now),
      },
      csv: { columns: ["modelId", "uniqueViews", "onlyThis"] },
    },
  ];
}

export function breakdownQuestion(
  { store, asked: { from, to, tz, bots, limit }, period, now }: Ask,
  by: Dimension,
  model: OracleModel | undefined,
) {
  const found = breakdownOf(store, { by, span: period, bots, limit, ...(model && { model }) });
  const modelId = model?.id;
  return {
    path: pathOf("/v1/breakdown", { by, modelId, limit, from, to, tz, bots }),
    expected: { by, ...(model && { modelId }), tz, ...resolvedPeriod(period), ...found, asOf: iso(now) },
    csv: { columns: ["value", "views", "uniqueViews", "share"] },
  };
}

/** A breakdown by the dimension of the filter, which leaves one value. */
export function ownValueQuestion(ask: Ask, filter: ValueFilter, model: OracleModel | undefined): Question {
  const limit = Number.POSITIVE_INFINITY;
  const question = breakdownQuestion({ ...ask, asked: { ...ask.asked, limit } }, filter.dimension, model);
  const { items, ...more } = question.expected;
  const found = items.filter(({ value }) => value === filter.value).map((item) => ({ ...item, share: 1 }));
  return {
    ...question,
    path: withFilters(question.path, [filter]).replace("limit=Infinity&", ""),
    expected: { ...more, items: found, totalViews: found[0]?.views ?? 0 },
  };
}

/** All dimensions at once, in another order. */
export function breakdownsQuestion(
  { store, asked: { from, to, tz, bots, limit }, period, now }: Ask,
  model: OracleModel | undefined,
): Question {
  const dimensions = dimensionSchema.options.toReversed();
  const modelId = model?.id;
  return {
    path: pathOf("/v1/breakdowns", { by: dimensions.join(), modelId, limit, from, to, tz, bots }),
    expected: {
      ...(model && { modelId }),
      tz,
      ...resolvedPeriod(period),
      items: dimensions.map((by) => ({
        by,
        ...breakdownOf(store, { by, span: period, bots, limit, ...(model && { model }) }),
      })),
      asOf: iso(now),
    },
    csv: {
      columns: ["by", "value", "views", "uniqueViews", "share"],
      rowsOf: (items) =>
        (items as { by: string; items: object[] }[]).flatMap(({ by, items: values }) =>
          values.map((value) => ({ by, ...value })),
        ),
    },
  };
}
