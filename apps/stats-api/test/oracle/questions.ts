import { type Dimension, dimensionSchema } from "@model-views/shared/contracts/breakdown.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { type Interval, intervalSchema } from "@model-views/shared/contracts/timeseries.ts";
import { breakdownOf } from "./breakdown.ts";
import { HOUR_MS, iso } from "./clock.ts";
import { asCsvRow, nowItems } from "./hot.ts";
import { type OraclePeriod, periodOf } from "./period.ts";
import { type SeriesQuestion, seriesOf, viewersOverTime } from "./series.ts";
import { type Place, type Stats, statsOf, statsWithin, topOfAllTime, topWithin } from "./stats.ts";
import type { OracleModel, OracleStore } from "./store.ts";

/** The parameters of a run, which all of its questions share. */
export type Asked = {
  from: string | undefined;
  to: string | undefined;
  tz: string;
  bots: Bots;
  limit: number;
  category: string;
  halfLifeDays: number;
};

type Expected = Record<string, unknown>;

/** A question to the API, and the whole answer by the oracle. */
export type Question = {
  path: string;
  /** Of what depends on the moment of a recording, the answer shows which of the right ones it is. */
  expected: Expected | ((answer: unknown) => Expected);
  /** One of the many questions about series and breakdowns. */
  isLong?: true;
  /** For a list: its columns as CSV. */
  csv?: { columns: readonly string[]; rowOf?: (item: object) => object };
};

/** Hours that do not make too many buckets for one answer. */
const HOURS_MAX = 72;
const COLUMNS = ["modelId", "totalViews", "uniqueViews", "lastViewedAt"];
const NOTHING = { totalViews: 0, uniqueViews: 0, lastViewedAt: null };

type Parameters = Record<string, string | number | undefined>;

function pathOf(path: string, parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `${path}?${search}`;
}

/** Every question that the API answers, with the answer. Models that do not exist are left out. */
export function questions(store: OracleStore, ids: readonly string[], asked: Asked, now: number): Question[] {
  const ask: Ask = { store, ids, asked, now, period: periodOf(asked, now) };
  if (ask.period.from >= ask.period.to) return [...statsQuestions(ask, false), ...topQuestions(ask, false)];
  const models = [undefined, ...ids.map((id) => store.models.get(id)).filter((model) => model !== undefined)];
  return [
    ...nowQuestions(ask),
    ...[false, true].flatMap((isOfPeriod) => [
      ...statsQuestions(ask, isOfPeriod),
      ...topQuestions(ask, isOfPeriod),
    ]),
    ...models
      .flatMap((model) => [
        ...seriesQuestions(ask, model),
        ...dimensionSchema.options.map((by) => breakdownQuestion(ask, by, model)),
      ])
      .map((question) => ({ ...question, isLong: true as const })),
  ];
}

type Ask = { store: OracleStore; ids: readonly string[]; asked: Asked; now: number; period: OraclePeriod };

const resolvedPeriod = ({ from, to }: OraclePeriod) => ({ from: iso(from), to: iso(to) });

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
      csv: { columns: ["modelId", "name", "category", ...COLUMNS.slice(1), "score", "why"], rowOf: asCsvRow },
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
  if (model === undefined) return series;
  const viewers = viewersOverTime(store, { ...question, model });
  const ofViewers = {
    path: pathOf(`/v1/models/${model.id}/viewers`, parameters),
    expected: { ...head, items: viewers, asOf: iso(now) },
    csv: { columns: ["start", "newViewers", "returningViewers"] },
  };
  return [...series, ofViewers];
}

function breakdownQuestion(
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
