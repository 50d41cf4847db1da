import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type Audience, createPauses, numbersOf, openAudiences } from "./audience.ts";
import { daysOfPeriod, type PeriodDay, type Span, type SpanSources, sourcesOf } from "./period-days.ts";
import { type RawRow, rawAudiences } from "./raw-audiences.ts";
import { rawValues } from "./raw-values.ts";
import {
  ALL,
  type Grouping,
  NOTHING_STORED,
  partsOfKey,
  readStored,
  type StoredQuestion,
  type StoredRow,
  storedFor,
  UNITS,
  type Unit,
} from "./stored-audiences.ts";
import { WITH_BOTS } from "./views-where.ts";

/** Views and different viewers; null where retention has removed what an exact answer needs. */
export type SpanStats = { views: number | null; viewers: number | null };

export type SpansQuestion = Grouping & {
  /** In order, without overlaps. */
  spans: readonly Span[];
  bots: Bots;
  /** With `by`: of how many values of each dimension, the most viewed first, viewers are needed. Of the others they may be null. */
  limit?: number;
};

/**
 * How many views and different viewers had the site, or each model or value, in each of these spans? From what is stored as
 * far as it reaches, else from the views. The result has the stats of each key, in the order of the spans; those of a key
 * without views as well. Ask it in a transaction of one snapshot.
 *
 * Views of bots are stored nowhere, so with them all views are read.
 */
export async function spanAudiences(ask: Ask, question: SpansQuestion): Promise<SpanAudiences> {
  const { spans, modelIds, by, bots } = question;
  const found = new Map<string, SpanStats[]>();
  const days = await daysOfSpans(ask, spans);
  const stored = bots === "exclude" ? await storedFor(ask, question, days) : () => NOTHING_STORED;
  // What is stored may differ from model to model, and from dimension to dimension. Values are of one model, or of the site.
  const owners = by ?? modelIds ?? [ALL];
  const plans = owners.map((key) => {
    const ofKey = stored(key);
    return { key, sources: spans.map((span) => sourcesOf(span, days, ofKey)) };
  });
  for (const alike of Map.groupBy(plans, ({ sources }) => JSON.stringify(sources)).values()) {
    const [{ sources } = { sources: [] }] = alike;
    const keys = new Set(alike.map(({ key }) => key));
    const ofAlike = {
      ...question,
      ...(by !== undefined
        ? { by: by.filter((dimension) => keys.has(dimension)) }
        : modelIds !== undefined
          ? { modelIds: [...keys] }
          : {}),
    };
    for (const [key, stats] of await statsOf(ask, ofAlike, sources)) found.set(key, stats);
  }
  const missing = await viewedDays(
    ask,
    question,
    plans.flatMap((plan) => plan.sources),
  );
  return {
    keys: [...found.keys()],
    of: (key) => found.get(key) ?? spans.map(() => ({ views: 0, viewers: 0 })),
    isIncomplete: (owner) =>
      plans.some(
        ({ key, sources }) =>
          key === owner && sources.some(({ removed }) => removed.some(({ day }) => missing.has(day))),
      ),
  };
}

export type SpanAudiences = {
  /** The models or values that were found; of a value as `partsOfKey` reads it. */
  keys: string[];
  of: (key: string) => readonly SpanStats[];
  /** Has retention removed views of the spans that are counted nowhere, of this dimension, model, or the site? */
  isIncomplete: (owner: string) => boolean;
};

function daysOfSpans(ask: Ask, spans: readonly Span[]): Promise<PeriodDay[]> {
  const [first] = spans;
  const last = spans.at(-1);
  if (first === undefined || last === undefined) return Promise.resolve([]);
  return daysOfPeriod(ask, { from: first.start, to: last.end });
}

/** The stats of each key that was found, in the order of the spans. */
async function statsOf(
  ask: Ask,
  question: SpansQuestion,
  sources: readonly SpanSources[],
): Promise<Map<string, SpanStats[]>> {
  const isMixed = ({ months, days, hours, raw }: SpanSources) =>
    months.length + days.length + hours.length + (raw.length > 0 ? 1 : 0) > 1;
  const mixed = sources.filter(isMixed);
  const storedOf = async (which: Pick<StoredQuestion, "keys"> & { withAudience: boolean }) => {
    const rows: (StoredRow & { unit: Unit })[] = [];
    for (const unit of UNITS) {
      const startsOf = (of: SpanSources) => of[`${unit}s`];
      const starts = [...new Set(sources.flatMap(startsOf))];
      if (starts.length === 0) continue;
      const withAudience = which.withAudience ? mixed.flatMap(startsOf) : [];
      const found = await readStored(ask, { ...question, unit, starts, ...which, withAudience });
      rows.push(...found.map((row) => ({ ...row, unit })));
    }
    return rows;
  };
  const raw = { groups: sources.map((of) => of.raw), withNumbers: mixed.some((of) => of.raw.length > 0) };
  const { by, bots } = question;
  const where = WITH_BOTS[bots];
  const rawRows =
    by === undefined
      ? await rawAudiences(ask, { ...question, where }, raw)
      : await rawValues(ask, { ...question, by, where }, raw);
  let stored = await storedOf({ withAudience: question.limit === undefined });
  if (question.limit !== undefined && mixed.length > 0) {
    const keys = mostViewed([...stored, ...rawRows], question.limit);
    stored = [
      ...stored.filter(({ key }) => !keys.has(key)),
      ...(await storedOf({ keys: [...keys], withAudience: true })),
    ];
  }
  const byStart = Map.groupBy(stored, ({ unit, start }) => `${unit} ${start}`);
  const rawByGroup = Map.groupBy(rawRows, ({ group }) => group);
  const removed = Map.groupBy(await viewsOfRemoved(ask, question, sources), ({ index }) => index);

  const found = new Map<string, SpanStats[]>();
  const newAudience = mixed.length === 0 ? undefined : await openAudiences();
  const pause = createPauses();
  for (const [index, of] of sources.entries()) {
    const pieces = Map.groupBy(
      [
        ...UNITS.flatMap((unit) => of[`${unit}s`].flatMap((start) => byStart.get(`${unit} ${start}`) ?? [])),
        ...(rawByGroup.get(index) ?? []),
      ],
      ({ key }) => key,
    );
    const ofRemoved = Map.groupBy(removed.get(index) ?? [], ({ key }) => key);
    for (const key of new Set([...pieces.keys(), ...ofRemoved.keys()])) {
      const all = pieces.get(key) ?? [];
      const gone = ofRemoved.get(key) ?? [];
      const stats = found.get(key) ?? sources.map(() => ({ views: 0, viewers: 0 }));
      stats[index] = {
        views: sumOrNull([...all, ...gone].map(({ views }) => views)),
        viewers: gone.length > 0 ? null : await viewersOf(all, newAudience, pause),
      };
      found.set(key, stats);
    }
  }
  return found;
}

/** The keys with the most views of each dimension, and all others with as many as the last of them. */
function mostViewed(rows: readonly { key: string; views: number }[], limit: number): Set<string> {
  const views = new Map<string, number>();
  for (const row of rows) views.set(row.key, (views.get(row.key) ?? 0) + row.views);
  const most = [...Map.groupBy(views, ([key]) => partsOfKey(key).dimension).values()].flatMap((of) => {
    const sums = of.toSorted(([, a], [, b]) => b - a);
    const least = sums[Math.min(limit, sums.length) - 1]?.[1] ?? 0;
    return sums.filter(([, sum]) => sum >= least);
  });
  return new Set(most.map(([key]) => key));
}

function sumOrNull(numbers: readonly (number | null)[]): number | null {
  return numbers.reduce((sum, number) => (sum === null || number === null ? null : sum + number), 0);
}

/** Different viewers of pieces of one span; null where an audience is not known. */
async function viewersOf(
  pieces: readonly (StoredRow | RawRow)[],
  newAudience: (() => Audience) | undefined,
  pause: (bytes: number) => Promise<void>,
): Promise<number | null> {
  const [only] = pieces;
  if (only === undefined) return 0;
  if (pieces.length === 1) return only.viewers;
  if (newAudience === undefined) throw new Error("several pieces of a span without their audiences");
  using all = newAudience();
  // Viewers whose number is not known yet are in no stored audience.
  let unnumbered = 0;
  for (const piece of pieces) {
    if ("numbers" in piece) {
      const numbers = piece.numbers === null ? new Uint32Array() : numbersOf(piece.numbers);
      all.addNumbers(numbers);
      unnumbered += piece.viewers - numbers.length;
      await pause(numbers.byteLength);
    } else {
      if (piece.audience === null) return null;
      all.add(piece.audience);
      await pause(piece.audience.length);
    }
  }
  return all.size + unnumbered;
}

type RemovedRow = { key: string; index: number; views: number | null };

/** Views of removed days, of which nothing else is known: of a model and of the site on whole days, on which there were some. */
async function viewsOfRemoved(
  ask: Ask,
  { modelIds, filters = [], by, bots }: SpansQuestion,
  sources: readonly SpanSources[],
): Promise<RemovedRow[]> {
  const removed = sources.flatMap((of, index) => of.removed.map((day) => ({ ...day, index })));
  // Values that were removed have no key: that something is missing is reported by `isIncomplete`.
  if (removed.length === 0 || by !== undefined) return [];
  const keys = modelIds ?? [ALL];
  if (bots !== "exclude") {
    return removed.flatMap(({ index }) => keys.map((key) => ({ key, index, views: null })));
  }
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const key = modelIds === undefined ? sql`${ALL}::text` : sql`model_id::text`;
  const { rows } = await ask<{ key: string; day: string; views: number }>(sql`
    select ${key} as key, day::text as day, sum(views)::float8 as views from model_days
    where ${ofModels} and day = any(${sql.param(removed.map(({ day }) => day))}::date[]) group by 1, 2`);
  const byDay = Map.groupBy(rows, ({ day }) => day);
  return removed.flatMap(({ day, isWhole, index }) =>
    (byDay.get(day) ?? []).map((row) => ({
      key: row.key,
      index,
      views: isWhole && filters.length === 0 ? row.views : null,
    })),
  );
}

/** On which of the removed days of these spans were there views? Of bots that is not known. */
async function viewedDays(
  ask: Ask,
  { modelIds, bots }: SpansQuestion,
  sources: readonly SpanSources[],
): Promise<Set<string>> {
  const days = [...new Set(sources.flatMap(({ removed }) => removed.map(({ day }) => day)))];
  if (days.length === 0 || bots !== "exclude") return new Set(days);
  const ofModels = modelIds === undefined ? sql`true` : sql`model_id = any(${sql.param(modelIds)}::uuid[])`;
  const { rows } = await ask<{ day: string }>(sql`
    select distinct day::text as day from model_days where ${ofModels} and day = any(${sql.param(days)}::date[])`);
  return new Set(rows.map(({ day }) => day));
}
