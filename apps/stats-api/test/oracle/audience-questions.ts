import { type Dimension, dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import { breakdownOf } from "./breakdown.ts";
import { iso } from "./clock.ts";
import { overlapOf } from "./overlap.ts";
import { type Ask, modelsOf, pathOf, type Question, resolvedPeriod } from "./question.ts";
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
): Question {
  const found = breakdownOf(store, { by, span: period, bots, limit, ...(model && { model }) });
  const modelId = model?.id;
  return {
    path: pathOf("/v1/breakdown", { by, modelId, limit, from, to, tz, bots }),
    expected: { by, ...(model && { modelId }), tz, ...resolvedPeriod(period), ...found, asOf: iso(now) },
    csv: { columns: ["value", "views", "uniqueViews", "share"] },
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
