import { dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { type Interval, intervalSchema } from "@model-views/shared/contracts/timeseries.ts";
import {
  audienceQuestions,
  breakdownQuestion,
  breakdownsQuestion,
  ownValueQuestion,
} from "./audience-questions.ts";
import { HOUR_MS, iso, utcMonth } from "./clock.ts";
import { withValues } from "./filter.ts";
import { asCsvRow, nowItems } from "./hot.ts";
import { hoursQuestions } from "./hours.ts";
import { periodOf, type Shift, shiftedBack } from "./period.ts";
import {
  type Ask,
  type Asked,
  type Expected,
  modelsOf,
  type Parameters,
  pathOf,
  type Question,
  resolvedPeriod,
  withFilters,
} from "./question.ts";
import { type SeriesQuestion, seriesOf, siteViewersOverTime, viewersOverTime } from "./series.ts";
import { type Place, type Stats, statsOf, statsWithin, topOfAllTime, topWithin } from "./stats.ts";
import type { OracleModel, OracleStore } from "./store.ts";
import { tableOfPeriod, tableQuestions } from "./table-questions.ts";
import { countWithin, type Span, touches } from "./views.ts";

/** Hours that do not make too many buckets for one answer. */
const HOURS_MAX = 72;
/** One each, because every question takes its time. */
const SHIFTS: Record<Interval, Shift> = { hour: "days", day: "weekdays", week: "year", month: "days" };
const COLUMNS = ["modelId", "totalViews", "uniqueViews", "lastViewedAt"];
const NOTHING = { totalViews: 0, uniqueViews: 0, lastViewedAt: null };

/** Every question that the API answers, with the answer. Models that do not exist are left out. */
export function questions(store: OracleStore, ids: readonly string[], asked: Asked, now: number): Question[] {
  const ask: Ask = { store, ids, asked, now, period: periodOf(asked, now) };
  if (ask.period.from >= ask.period.to) return [...statsQuestions(ask, false), ...topQuestions(ask, false)];
  const models = [undefined, ...modelsOf(ask)];
  return [
    ...nowQuestions(ask),
    ...[false, true].flatMap((isOfPeriod) => [
      ...statsQuestions(ask, isOfPeriod),
      ...topQuestions(ask, isOfPeriod),
    ]),
    ...tableQuestions(ask, periodParameters(ask, true)),
    ...hoursQuestions(ask, periodParameters(ask, true)).map((question) => ({
      ...question,
      isLong: true as const,
    })),
    ...models
      .flatMap((model) => [
        ...seriesQuestions(ask, model),
        ...dimensionSchema.options.map((by) => breakdownQuestion(ask, by, model)),
        breakdownsQuestion(ask, model),
      ])
      .map((question) => ({ ...question, isLong: true as const })),
    ...audienceQuestions(ask),
    ...(isRemoved(ask) ? ownValueQuestions(ask) : filteredQuestions(ask)),
  ];
}

/** Whether retention has removed a month of the period, or of the one before. */
function isRemoved({ store, period: { previousFrom, to } }: Ask): boolean {
  return [...store.retired].some((month) =>
    touches({ from: month, to: utcMonth(month, 1) }, { from: previousFrom, to }),
  );
}

/** Questions about the views with certain values. */
function filteredQuestions(ask: Ask): Question[] {
  const { filters } = ask.asked;
  if (filters.length === 0) return [];
  const filtered = { ...ask, store: withValues(ask.store, filters) };
  const ofModels = [undefined, ...modelsOf(filtered)].flatMap((model) => [
    ...seriesQuestionsOf(filtered, "month", model, { isFiltered: true }).filter(
      ({ path }) => !path.includes("/viewers?"),
    ),
    breakdownsQuestion(filtered, model),
    ...filters.map(({ dimension }) => breakdownQuestion(filtered, dimension, model)),
  ]);
  return [
    ...statsQuestions(filtered, true),
    ...topQuestions(filtered, true),
    ...ofModels,
    ...audienceQuestions(filtered),
    ...hoursQuestions(filtered, periodParameters(filtered, true)),
    ...tableOfPeriod(filtered, { period: periodParameters(filtered, true), series: "week" }),
  ].map((question) => ({
    ...question,
    path: withFilters(question.path, filters),
    isLong: true as const,
  }));
}

/** How many views have one value, by that value alone: it is stored also where retention has removed the views. */
function ownValueQuestions(ask: Ask): Question[] {
  const [filter, ...more] = ask.asked.filters;
  if (filter === undefined || more.length > 0) return [];
  return [undefined, ...modelsOf(ask)].map((model) => ({
    ...ownValueQuestion(ask, filter, model),
    isLong: true as const,
  }));
}

/** The period of a question. With neither end, stats are of all time, so then it gets a `from`. */
function periodParameters({ asked: { from, to, tz }, period }: Ask, isOfPeriod: boolean): Parameters {
  if (!isOfPeriod) return {};
  return { from: from ?? (to === undefined ? iso(period.from) : undefined), to, tz };
}

/** Of all time, with bots: removed views of bots are not counted. */
function incompleteness(store: OracleStore, bots: Bots): { isIncomplete?: boolean } {
  return bots === "exclude" ? {} : { isIncomplete: store.retired.size > 0 };
}

function statsQuestions(ask: Ask, isOfPeriod: boolean): Question[] {
  const { store, ids, asked, now, period } = ask;
  const parameters = { ...periodParameters(ask, isOfPeriod), bots: asked.bots };
  const more = {
    ...(isOfPeriod ? resolvedPeriod(period) : incompleteness(store, asked.bots)),
    asOf: iso(now),
  };
  const statsOfModel = (model: OracleModel): Stats =>
    isOfPeriod
      ? (statsWithin(store, model, { span: period, bots: asked.bots }) ?? { ...NOTHING, modelId: model.id })
      : statsOf(model, asked.bots);
  const known = ids.map((id) => store.models.get(id)).filter((model) => model !== undefined);
  const items = known.map(statsOfModel);
  const unknown = ids.filter((id) => !store.models.has(id));
  return [
    ...known.map((model) => ({
      path: pathOf(`/v1/models/${model.id}/stats`, parameters),
      expected: { ...statsOfModel(model), ...more },
    })),
    {
      path: pathOf("/v1/models/stats", { ...parameters, ids: ids.join() }),
      expected: { items, unknown, ...more },
      csv: { columns: COLUMNS },
    },
  ];
}

function topQuestions(ask: Ask, isOfPeriod: boolean): Question[] {
  const { store, asked, now, period } = ask;
  const { bots, limit } = asked;
  const kinds = [
    { sort: "total" },
    { sort: "unique" },
    { sort: "trending" },
    { sort: "trending", halfLifeDays: asked.halfLifeDays },
  ] as const;
  return kinds.flatMap((kind) =>
    [undefined, asked.category].map((category) => {
      const question = { ...kind, bots, limit, category };
      const ofPeriod = isOfPeriod ? topWithin(store, question, period) : undefined;
      const ranked: Place[] = ofPeriod?.places ?? topOfAllTime(store, question, now);
      const expected = {
        items: ranked.slice(0, limit).map(({ item }) => item),
        ...(ofPeriod === undefined
          ? incompleteness(store, bots)
          : { isIncomplete: ofPeriod.isIncomplete, ...resolvedPeriod(period) }),
        asOf: iso(now),
      };
      return {
        path: pathOf("/v1/models/top", { ...periodParameters(ask, isOfPeriod), ...question }),
        expected,
        csv: { columns: ["modelId", "name", "category", ...COLUMNS.slice(1)] },
      };
    }),
  );
}

function nowQuestions({ store, asked: { limit, category }, now }: Ask): Question[] {
  const kinds = [
    { sort: "rising" } as const,
    ...(["1h", "1d", "7d"] as const).map((halfLife) => ({ sort: "hot", halfLife }) as const),
  ];
  return kinds.flatMap((kind) =>
    [undefined, category].map((category) => ({
      path: pathOf("/v1/models/top", { ...kind, limit, category }),
      expected(answer: unknown): Expected {
        const { items: found } = answer as { items: { modelId: string }[] };
        return { items: nowItems(store, kind, { now, category, found }).slice(0, limit), asOf: iso(now) };
      },
      csv: {
        columns: ["modelId", "name", "category", ...COLUMNS.slice(1), "score", "why"],
        rowsOf: (items) => items.map(asCsvRow),
      },
    })),
  );
}

function seriesQuestions(ask: Ask, model: OracleModel | undefined): Question[] {
  return intervalSchema.options.flatMap((interval) => {
    const asked = { ...ask.asked };
    // The API does not answer so many hours at once: only the last of them.
    if (interval === "hour" && ask.period.to - ask.period.from > HOURS_MAX * HOUR_MS) {
      asked.from = iso(ask.period.to - HOURS_MAX * HOUR_MS);
    }
    return seriesQuestionsOf({ ...ask, asked, period: periodOf(asked, ask.now) }, interval, model);
  });
}

function seriesQuestionsOf(
  { store, asked: { from, to, tz, bots }, period, now }: Ask,
  interval: Interval,
  model: OracleModel | undefined,
  { isFiltered = false } = {},
): Question[] {
  const question: SeriesQuestion = { span: period, interval, tz, bots, ...(model && { model }) };
  const items = seriesOf(store, question);
  const before = { from: period.previousFrom, to: period.from };
  const previous = seriesOf(store, { ...question, span: before });
  const head = { ...(model && { modelId: model.id }), interval, tz, ...resolvedPeriod(period) };
  const parameters = { interval, from, to, tz, bots };
  const path = model === undefined ? "/v1/timeseries" : `/v1/models/${model.id}/timeseries`;
  const columns = ["start", "views", "uniqueViews"];
  const series: Question[] = [
    {
      path: pathOf(path, parameters),
      expected: { ...head, items, asOf: iso(now) },
      csv: { columns },
    },
    {
      path: pathOf(path, { ...parameters, compare: "previous" }),
      expected: {
        ...head,
        items,
        previous: { from: iso(before.from), to: iso(before.to), items: previous },
        asOf: iso(now),
      },
      csv: { columns },
    },
  ];
  // The removed views of a value are not known to the oracle.
  const shifted = isFiltered && store.retired.size > 0 ? [] : [SHIFTS[interval]];
  for (const shift of shifted) {
    const span = shiftedBack(period, shift, tz);
    const ends = { from: iso(span.from), to: iso(span.to) };
    series.push({
      path: pathOf(path, { ...parameters, compare: shift }),
      expected: {
        ...head,
        items,
        previous: { ...ends, items: seriesOf(store, { ...question, span }) },
        asOf: iso(now),
      },
      csv: { columns },
    });
    const total = (of: Span) => {
      const { views, viewers } = countWithin(store, of, question);
      return { totalViews: views, uniqueViews: viewers };
    };
    if (model !== undefined) continue;
    series.push({
      path: pathOf("/v1/stats", { from, to, tz, bots, compare: shift }),
      expected: {
        ...resolvedPeriod(period),
        ...total(period),
        previous: { ...ends, ...total(span) },
        asOf: iso(now),
      },
    });
  }
  const viewers =
    model === undefined
      ? siteViewersOverTime(store, question)
      : viewersOverTime(store, { ...question, model });
  const ofViewers = {
    path: pathOf(model === undefined ? "/v1/viewers" : `/v1/models/${model.id}/viewers`, parameters),
    expected: { ...head, items: viewers, asOf: iso(now) },
    csv: { columns: ["start", "newViewers", "returningViewers"] },
  };
  return [...series, ofViewers];
}
