import type { ValueFilter } from "@model-views/db/audiences/grouping.ts";
import type { Bots } from "@model-views/shared/contracts/stats.ts";
import { iso } from "./clock.ts";
import type { OraclePeriod } from "./period.ts";
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
  /** Of the questions that have one. */
  filters: readonly ValueFilter[];
};

export type Expected = Record<string, unknown>;

/** A question to the API, and the whole answer by the oracle. */
export type Question = {
  path: string;
  /** Of what depends on the moment of a recording, the answer shows which of the right ones it is. */
  expected: Expected | ((answer: unknown) => Expected);
  /** One of the many questions about series and breakdowns. */
  isLong?: true;
  /** For a list: its columns as CSV, and its rows if they are not the items. */
  csv?: { columns: readonly string[]; rowsOf?: (items: readonly object[]) => object[] };
};

export type Parameters = Record<string, string | number | undefined>;

export function pathOf(path: string, parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) search.set(name, String(value));
  }
  return `${path}?${search}`;
}

/** The path of a question about the views with these values alone. */
export function withFilters(path: string, filters: readonly ValueFilter[]): string {
  return [path, ...filters.map(({ dimension, value }) => `${dimension}=${value ?? ""}`)].join("&");
}

/** What a question is asked of: the oracle, and the parameters of the run. */
export type Ask = {
  store: OracleStore;
  ids: readonly string[];
  asked: Asked;
  now: number;
  period: OraclePeriod;
};

export const resolvedPeriod = ({ from, to }: OraclePeriod) => ({ from: iso(from), to: iso(to) });

/** The models that exist. */
export function modelsOf({ store, ids }: Ask): OracleModel[] {
  return ids.map((id) => store.models.get(id)).filter((model) => model !== undefined);
}
