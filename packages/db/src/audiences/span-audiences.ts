import type { Bots } from "@model-views/shared/contracts/stats.ts";
import type { Ask } from "../postgres/sql.ts";
import { createPauses, openAudiences } from "./audience.ts";
import { ALL, type Grouping } from "./grouping.ts";
import { daysOfPeriod, type PeriodDay, type Span, type SpanSources, sourcesOf } from "./period-days.ts";
import { rawAudiences } from "./raw-audiences.ts";
import { rawValues } from "./raw-values.ts";
import { readStored, type StoredQuestion, type StoredRow, UNITS, type Unit } from "./read-stored.ts";
import { viewedDays, viewsOfRemoved } from "./removed-views.ts";
import { NOTHING_STORED, storedFor } from "./stored-audiences.ts";
import { mostViewed, sumOrNull, viewersOf } from "./unite-pieces.ts";
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
