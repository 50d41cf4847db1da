import type { Period } from "@model-views/shared/contracts/period.ts";
import type { SQL } from "drizzle-orm";
import { type Ask, sql } from "../postgres/sql.ts";
import { type Audience, createPauses, numbersOf, openAudiences } from "./audience.ts";
import { appendNumbers } from "./numbers-in.ts";
import { daysOfPeriod, isRetiredWithin, type Span, type SpanSources, sourcesOf } from "./period-days.ts";
import { groupedViews } from "./raw-audiences.ts";
import { bytesOf } from "./read-stored.ts";
import { storedFor } from "./stored-audiences.ts";
import { WITH_BOTS } from "./views-where.ts";

/** Stored audiences that one statement reads: some 10 MB. */
const PIECES_AT_ONCE = 100_000;

/** Bytes of a model's audiences from which on the library is faster. */
const SMALL_BYTES_MAX = 32 * 1024;

/**
 * How many different viewers had each of these models in a period, without bots? Null where retention has removed who viewed.
 * What `spanAudiences` answers about some models; this is for thousands: one plan for all of them, and the audiences of a model as one
 * text. Ask it in a transaction of one snapshot.
 *
 * @param modelIds of models with views in the period; lower case, as PostgreSQL writes them.
 */
export async function viewersOfModels(
  ask: Ask,
  modelIds: readonly string[],
  period: Period,
): Promise<Map<string, number | null>> {
  const sources = await modelSources(ask, period);
  const raw = await rawNumbers(ask, sources.raw);
  const cut = await viewedModels(
    ask,
    sources.removed.map(({ day }) => day),
  );
  const pieces = sources.months.length + sources.days.length + sources.hours.length;
  const page = Math.max(100, Math.floor(PIECES_AT_ONCE / Math.max(1, pieces)));
  const ids = modelIds.toSorted();
  const found = new Map<string, number | null>();
  const count = await createCount();
  for (let next = 0; next < ids.length; next += page) {
    const ofPage = ids.slice(next, next + page);
    const stored = pieces === 0 ? new Map<string, StoredPieces>() : await readPieces(ask, sources, ofPage);
    for (const id of ofPage) {
      const viewers = cut.has(id) ? null : await count(stored.get(id), raw.get(id));
      found.set(id, viewers);
    }
  }
  return found;
}

/**
 * What answers about all models. An open day of one model is read from the views for all; of a removed day what is stored is all
 * there is.
 */
async function modelSources(ask: Ask, { from, to }: Period): Promise<SpanSources> {
  const span: Span = { start: from, end: to };
  const days = await daysOfPeriod(ask, { from, to });
  const stored = (await storedFor(ask, {}, days))("");
  const retired = new Set(days.filter((day) => isRetiredWithin(day, span)).map(({ day }) => day));
  return sourcesOf(span, days, { ...stored, hasDay: (day) => stored.hasDay(day) || retired.has(day) });
}

type StoredPieces = {
  pieces: number;
  /** The sum; null where one is not known. */
  viewers: number | null;
  /** Each with its length before it, as base64; null where one is not known, and for a single piece without views besides. */
  audiences: string | null;
};

async function readPieces(
  ask: Ask,
  { months, days, hours, raw }: SpanSources,
  ids: readonly string[],
): Promise<Map<string, StoredPieces>> {
  const ofPage = sql`model_id >= ${ids[0] ?? null}::uuid and model_id <= ${ids.at(-1) ?? null}::uuid`;
  const parts: SQL[] = [];
  if (months.length > 0)
    parts.push(sql`
      select model_id, viewers, audience from model_months where month = any(${sql.param(months)}::date[]) and ${ofPage}`);
  if (days.length > 0)
    parts.push(sql`
      select model_id, viewers, case when viewers is not null then audience end as audience from model_days
      where day = any(${sql.param(days)}::date[]) and ${ofPage}`);
  if (hours.length > 0)
    parts.push(sql`
      select model_id, viewers, audience from model_hours
      where hour = any(${sql.param(hours.map((name) => `${name}:00Z`))}::timestamptz[]) and ${ofPage}`);
  const isNeeded = raw.length > 0 ? sql`true` : sql`count(*) > 1`;
  const { rows } = await ask<StoredPieces & { id: string }>(sql`
    select model_id::text as id, count(*)::int as pieces,
      case when bool_and(viewers is not null) then sum(viewers)::float8 end as viewers,
      case when ${isNeeded} and bool_and(audience is not null) then
        encode(string_agg(int4send(length(audience)) || audience, ''), 'base64')
      end as audiences
    from (${sql.join(parts, sql` union all `)}) parts group by 1`);
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

type RawNumbers = { viewers: number; numbers: Buffer | null };

/** The viewers of each model in what has to be read from the views, and the numbers of those who have one. */
async function rawNumbers(ask: Ask, spans: readonly Span[]): Promise<Map<string, RawNumbers>> {
  const views = groupedViews([spans], { where: WITH_BOTS.exclude }, sql`model_id, viewer_identifier`);
  if (views === undefined) return new Map();
  const { rows } = await ask<RawNumbers & { id: string }>(sql`
    select model_id::text as id, count(*)::float8 as viewers, string_agg(int4send(n.viewer_number), '') as numbers
    from (select distinct model_id, viewer_identifier from (${views}) v where index is not null) each_viewer
    left join viewer_numbers n using (viewer_identifier) group by 1`);
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** The models with views on these removed days, which the period cuts. */
async function viewedModels(ask: Ask, days: readonly string[]): Promise<Set<string>> {
  if (days.length === 0) return new Set();
  const { rows } = await ask<{ id: string }>(sql`
    select distinct model_id::text as id from model_days where day = any(${sql.param(days)}::date[])`);
  return new Set(rows.map(({ id }) => id));
}

type Count = (stored: StoredPieces | undefined, raw: RawNumbers | undefined) => Promise<number | null>;

async function createCount(): Promise<Count> {
  const newAudience = await openAudiences();
  const pause = createPauses();
  return async (stored, raw) => {
    if (stored === undefined) return raw?.viewers ?? 0;
    if (stored.pieces === 1 && raw === undefined) return stored.viewers;
    if (stored.audiences === null || stored.viewers === null) return null;
    const bytes = bytesOf(stored.audiences);
    const numbered = raw === undefined || raw.numbers === null ? new Uint32Array() : numbersOf(raw.numbers);
    // Viewers whose number is not known yet are in no stored audience.
    const unnumbered = (raw?.viewers ?? 0) - numbered.length;
    await pause(bytes.length);
    const isSmall = bytes.length <= SMALL_BYTES_MAX && numbered.byteLength <= SMALL_BYTES_MAX;
    return (
      unnumbered + (isSmall ? sizeOfSmall(bytes, numbered) : await sizeOfLarge(newAudience, bytes, numbered))
    );
  };

  async function sizeOfLarge(open: () => Audience, bytes: Buffer, numbered: Uint32Array): Promise<number> {
    using all = open();
    all.addNumbers(numbered);
    for (const audience of audiencesIn(bytes)) {
      all.add(audience);
      await pause(audience.length);
    }
    return all.size;
  }
}

function sizeOfSmall(bytes: Buffer, numbered: Uint32Array): number {
  const numbers = [...numbered];
  for (const audience of audiencesIn(bytes)) appendNumbers(audience, numbers);
  return new Set(numbers).size;
}

/** Audiences that stand one after the other, each with its length before it. */
function* audiencesIn(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readInt32BE(at);
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}
