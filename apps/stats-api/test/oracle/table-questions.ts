import { iso } from "./clock.ts";
import {
  type Ask,
  type Expected,
  modelsOf,
  type Parameters,
  pathOf,
  type Question,
  resolvedPeriod,
} from "./question.ts";
import { seriesOf } from "./series.ts";
import { statsOf, statsWithin, topWithin } from "./stats.ts";
import type { OracleModel } from "./store.ts";
import { countWithin } from "./views.ts";

const COLUMNS = ["modelId", "name", "category", "createdAt", "totalViews", "uniqueViews", "lastViewedAt"];
const NOTHING = { totalViews: 0, uniqueViews: 0, lastViewedAt: null };

/** Buckets of a series in one answer. */
const BUCKETS_MAX = 60;

type Row = { modelId: string; totalViews: number | null };

/** The table of all models: of all time, and of the period with each series. */
export function tableQuestions(ask: Ask, period: Parameters): Question[] {
  return [
    ...tableOfAllTime(ask),
    ...(["day", "week", "month"] as const)
      .flatMap((series) => tableOfPeriod(ask, { period, series }))
      .map((question) => ({ ...question, isLong: true as const })),
  ];
}

function tableOfAllTime(ask: Ask): Question[] {
  const { store, asked, now } = ask;
  const { bots, category } = asked;
  const rows = inOrder(ask, category, (model) => statsOf(model, bots));
  return [
    {
      path: pathOf("/v1/models/table", { bots, category }),
      expected: withCreation(rows, {
        isIncomplete: bots !== "exclude" && store.retired.size > 0,
        asOf: iso(now),
      }),
      csv: { columns: COLUMNS },
    },
  ];
}

export function tableOfPeriod(
  ask: Ask,
  { period, series }: { period: Parameters; series: "day" | "week" | "month" },
): Question[] {
  const { store, asked, now, period: span } = ask;
  const { bots, tz } = asked;
  const before = { from: span.previousFrom, to: span.from };
  const buckets = seriesOf(store, { span, interval: series, tz, bots }).map(({ start }) => start);
  if (buckets.length > BUCKETS_MAX) return [];
  const rows = inOrder(ask, undefined, (model) => {
    const previous = countWithin(store, before, { model, bots });
    return {
      ...(statsWithin(store, model, { span, bots }) ?? { ...NOTHING, modelId: model.id }),
      previous: { totalViews: previous.views, uniqueViews: previous.viewers },
      series: seriesOf(store, { span, interval: series, tz, bots, model }).map(({ views }) => views),
    };
  });
  const { isIncomplete } = topWithin(store, { sort: "total", bots, limit: 1 }, span);
  return [
    {
      path: pathOf("/v1/models/table", { ...period, bots, series, compare: "previous" }),
      expected: withCreation(rows, {
        buckets,
        ...resolvedPeriod(span),
        previous: { from: iso(before.from), to: iso(before.to) },
        isIncomplete,
        asOf: iso(now),
      }),
      csv: {
        columns: [...COLUMNS, "previousTotalViews", "previousUniqueViews", ...buckets],
        rowsOf: (items) => items.map((item) => asCsvRow(item, buckets)),
      },
    },
  ];
}

function inOrder<Of extends Row>(
  ask: Ask,
  category: string | undefined,
  rowOf: (model: OracleModel) => Of,
): Row[] {
  return modelsOf(ask)
    .filter((model) => category === undefined || model.category === category)
    .map((model) => ({ ...rowOf(model), name: model.name, category: model.category }))
    .toSorted((a, b) => (b.totalViews ?? -1) - (a.totalViews ?? -1) || (a.modelId < b.modelId ? -1 : 1));
}

/** When a model was made is PostgreSQL's time, which no story has. */
function withCreation(rows: readonly Row[], more: Expected): (answer: unknown) => Expected {
  return (answer) => {
    const { items = [] } = answer as { items?: { modelId: string; createdAt: string }[] };
    const createdAt = new Map(items.map((item) => [item.modelId, item.createdAt]));
    return { items: rows.map((row) => ({ ...row, createdAt: createdAt.get(row.modelId) })), ...more };
  };
}

function asCsvRow(item: object, buckets: readonly string[]): object {
  const { previous, series, ...row } = item as {
    previous: { totalViews: number | null; uniqueViews: number | null };
    series: (number | null)[];
  };
  return {
    ...row,
    previousTotalViews: previous.totalViews,
    previousUniqueViews: previous.uniqueViews,
    ...Object.fromEntries(buckets.map((start, index) => [start, series[index]])),
  };
}
