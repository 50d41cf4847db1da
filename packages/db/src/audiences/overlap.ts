import type { Period } from "@model-views/shared/contracts/period.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { type Ask, sql } from "../postgres/sql.ts";
import { type Audience, createPauses, numbersOf, openAudiences } from "./audience.ts";
import type { ValueFilter } from "./grouping.ts";
import { daysOfPeriod, type SpanSources, sourcesOf } from "./period-days.ts";
import { hasValues } from "./raw-audiences.ts";
import { NUMBER_OR_TEMPORARY } from "./raw-values.ts";
import { bytesOf, readStored, type StoredRow, UNITS } from "./read-stored.ts";
import { NOT_RETIRED } from "./retired-months.ts";
import { NOTHING_STORED, storedFor } from "./stored-audiences.ts";
import { WITH_BOTS } from "./views-where.ts";

export type OverlapQuestion = Period & {
  /** Different models that exist, in the order of the answer. */
  modelIds: readonly string[];
  filters?: readonly ValueFilter[] | undefined;
  bots: Bots;
};

/** Different viewers; null where retention has removed what an exact answer needs. */
export type Overlap = {
  /** Of at least one of the models, of all of them, of exactly one. */
  any: number | null;
  all: number | null;
  exactlyOne: number | null;
  /** Of each model, and of it alone. */
  items: { modelId: string; uniqueViews: number | null; onlyThis: number | null }[];
  /** Of both models of each pair: known as soon as the viewers of these two are. */
  pairs: { models: [string, string]; both: number | null }[];
};

/**
 * How many different viewers saw any of these models in a period, all of them, or only one? From what is stored of months and
 * whole days, and the views of the rest, by the primary key. As long as it is not known who viewed one of the models,
 * only the viewers of each of the others are known. Ask it in a transaction of one snapshot.
 */
export async function overlap(ask: Ask, question: OverlapQuestion): Promise<Overlap> {
  const { modelIds } = question;
  const sources = await modelSources(ask, question);
  const unknown = await modelsWithRemovedViews(ask, question, sources);
  const stored = await storedOf(ask, question, sources);
  const storedByModel = Map.groupBy(stored, ({ key }) => key);
  const raw = await rawNumbers(ask, question, sources);
  const newAudience = await openAudiences();
  const pause = createPauses();
  using opened = new DisposableStack();
  const audiences: (Audience | undefined)[] = [];
  const viewers: (number | null)[] = [];
  for (const modelId of modelIds) {
    const audience = opened.use(newAudience());
    const rows = storedByModel.get(modelId) ?? [];
    for (const row of rows) {
      if (row.audience !== null) audience.add(bytesOf(row.audience));
      await pause(row.audience?.length ?? 0);
    }
    const numbers = raw.get(modelId);
    if (numbers !== undefined) audience.addNumbers(numbers);
    // Who viewed may be unknown while it is known how many did: counted by an earlier version.
    const isKnown = !unknown.has(modelId) && rows.every((row) => row.audience !== null);
    const [only] = rows;
    const isCounted = !unknown.has(modelId) && rows.length === 1 && numbers === undefined;
    audiences.push(isKnown ? audience : undefined);
    viewers.push(isKnown ? audience.size : ((isCounted ? only?.viewers : undefined) ?? null));
  }
  const sizes = audiences.every((audience) => audience !== undefined)
    ? sizesOf(audiences, newAudience)
    : undefined;
  return {
    any: sizes?.any ?? null,
    all: sizes?.all ?? null,
    exactlyOne: sizes?.exactlyOne ?? null,
    items: modelIds.map((modelId, index) => ({
      modelId,
      uniqueViews: viewers[index] ?? null,
      onlyThis: sizes?.only[index] ?? null,
    })),
    pairs: pairsOf(modelIds, audiences),
  };
}

function sizesOf(audiences: readonly Audience[], newAudience: () => Audience) {
  using any = newAudience();
  // Who is in at least two.
  using several = newAudience();
  using all = newAudience();
  for (const [index, audience] of audiences.entries()) {
    using again = newAudience();
    again.unite(any);
    again.intersect(audience);
    several.unite(again);
    any.unite(audience);
    if (index === 0) all.unite(audience);
    else all.intersect(audience);
  }
  return {
    any: any.size,
    all: all.size,
    exactlyOne: any.size - several.size,
    only: audiences.map((audience) => audience.size - audience.sizeOfBoth(several)),
  };
}

function pairsOf(
  modelIds: readonly string[],
  audiences: readonly (Audience | undefined)[],
): Overlap["pairs"] {
  return modelIds.flatMap((one, index) =>
    modelIds.slice(index + 1).map((other, step) => {
      const [first, second] = [audiences[index], audiences[index + 1 + step]];
      return { models: [one, other], both: first && second ? first.sizeOfBoth(second) : null };
    }),
  );
}

/** What answers about each model. */
type Sources = ReadonlyMap<string, SpanSources>;

async function modelSources(ask: Ask, question: OverlapQuestion): Promise<Sources> {
  const { modelIds, filters, from, to, bots } = question;
  const days = await daysOfPeriod(ask, { from, to });
  // Views of bots are stored nowhere.
  const stored =
    bots === "exclude" ? await storedFor(ask, { modelIds, filters }, days) : () => NOTHING_STORED;
  return new Map(modelIds.map((id) => [id, sourcesOf({ start: from, end: to }, days, stored(id))]));
}

/** What is stored and answers about each model. */
async function storedOf(
  ask: Ask,
  { modelIds, filters }: OverlapQuestion,
  sources: Sources,
): Promise<StoredRow[]> {
  const found: StoredRow[] = [];
  for (const unit of UNITS) {
    const startsOf = new Map([...sources].map(([id, of]) => [id, new Set(of[`${unit}s`])]));
    const starts = [...new Set([...startsOf.values()].flatMap((of) => [...of]))];
    if (starts.length === 0) continue;
    const rows = await readStored(ask, { modelIds, filters, unit, starts, withAudience: starts });
    found.push(...rows.filter(({ key, start }) => startsOf.get(key)?.has(start)));
  }
  return found;
}

/** The numbers of each model's viewers in what has to be read from the views; temporary ones for those who have none. */
async function rawNumbers(
  ask: Ask,
  { filters, bots }: OverlapQuestion,
  sources: Sources,
): Promise<Map<string, Uint32Array>> {
  const spans = [...sources].flatMap(([id, { raw }]) => raw.map((span) => ({ id, ...span })));
  if (spans.length === 0) return new Map();
  // One statement for all models, because a temporary number is of one statement.
  const { rows } = await ask<{ id: string; numbers: Buffer }>(sql`
    with viewed as materialized (
      select s.id, v.viewer_identifier
      from unnest(${sql.param(spans.map(({ id }) => id))}::uuid[], ${sql.param(spans.map(({ start }) => start))}::timestamptz[],
        ${sql.param(spans.map(({ end }) => end))}::timestamptz[]) s(id, first, after_last)
      join model_views v on v.model_id = s.id and v.viewed_at >= s.first and v.viewed_at < s.after_last
      where ${hasValues(filters)} and ${WITH_BOTS[bots]} and ${NOT_RETIRED}
      group by 1, 2
    ), numbered as materialized (
      select viewer_identifier, ${NUMBER_OR_TEMPORARY} as number
      from (select distinct viewer_identifier from viewed) v left join viewer_numbers n using (viewer_identifier)
    )
    select id, string_agg(int4send(number::int), '') as numbers
    from viewed join numbered using (viewer_identifier) group by 1`);
  return new Map(rows.map(({ id, numbers }) => [id, numbersOf(numbers)]));
}

/** The models with views on removed days of which nothing else is stored. Of bots that is not known. */
async function modelsWithRemovedViews(
  ask: Ask,
  { modelIds, bots }: OverlapQuestion,
  sources: Sources,
): Promise<Set<string>> {
  const removed = [...sources].flatMap(([id, of]) => of.removed.map(({ day }) => ({ id, day })));
  if (removed.length === 0) return new Set();
  if (bots !== "exclude") return new Set(modelIds);
  const { rows } = await ask<{ id: string }>(sql`
    select distinct model_id as id from model_days d
    join unnest(${sql.param(removed.map(({ id }) => id))}::uuid[], ${sql.param(removed.map(({ day }) => day))}::date[]) r(id, day)
      on d.model_id = r.id and d.day = r.day`);
  return new Set(rows.map(({ id }) => id));
}
