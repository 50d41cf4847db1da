import type { Pool } from "pg";
import { asking } from "./sql.ts";

/** Milliseconds by which the clock of a process that deletes may differ from PostgreSQL's: more is a wrong clock. */
const CLOCKS_DIFFER_MS_MAX = 2 * 60_000;

/** This process's clock and PostgreSQL's differ so much that one of them is wrong; which one is unknown. */
export class ClocksDifferError extends Error {
  override name = "ClocksDifferError";
}

/** PostgreSQL's time. Read as a number, which no setting of the server changes. */
export async function databaseTime(pool: Pick<Pool, "query">): Promise<Date> {
  const { rows } = await asking(pool)<{ ms: number }>(
    "select extract(epoch from clock_timestamp())::float8 * 1000 as ms",
  );
  return new Date(Math.round(rows[0]?.ms ?? Number.NaN));
}

/**
 * PostgreSQL's time, for tasks that delete by age: one wrong clock must not make a month look old.
 *
 * @throws {ClocksDifferError} when this process's clock (`now`) is minutes away from it.
 */
export async function agreedTime(pool: Pick<Pool, "query">, now: () => Date): Promise<Date> {
  const ours = now();
  const theirs = await databaseTime(pool);
  // The answer took from `ours` until now; PostgreSQL read its clock at some moment in between.
  const differMs = Math.max(ours.getTime() - theirs.getTime(), theirs.getTime() - now().getTime());
  if (differMs <= CLOCKS_DIFFER_MS_MAX) return theirs;
  throw new ClocksDifferError(
    `nothing is deleted: the clocks differ by ${inUnits(differMs)}, this process's time is ${ours.toISOString()}, PostgreSQL's ${theirs.toISOString()}`,
  );
}

/** The later of PostgreSQL's time and this process's: a clock that is behind must not leave out what has already come. */
export async function laterTime(pool: Pick<Pool, "query">, now: () => Date): Promise<Date> {
  const theirs = await databaseTime(pool);
  const ours = now();
  return new Date(Math.max(ours.getTime(), theirs.getTime()));
}

const UNITS = [
  ["days", 86_400_000],
  ["hours", 3_600_000],
] as const;

/** `105 days`, `3 hours` or `12 minutes`: the largest unit of which there are at least two. */
function inUnits(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= 2 * each) ?? (["minutes", 60_000] as const);
  return `${Math.round(ms / unitMs)} ${unit}`;
}
