import { verifyRollups } from "@model-views/db/rollups/verify-rollups.ts";
import type { Totals } from "../faults/totals.ts";
import type { Finalizing } from "../lab/finalizing.ts";
import type { Lab } from "../lab/lab.ts";
import type { SpoolPut } from "../lab/messages.ts";
import type { Deletion, Erasure, Ledger } from "../load/ledger.ts";
import type { LoadTotals } from "../load/load-totals.ts";
import { ALONE_MS } from "../plan/plan.ts";
import { type CheckedViews, checkViews, INVARIANTS, type Invariant } from "./check-views.ts";
import { type Drained, inWords } from "./drain.ts";
import { FRESH_MS_MAX } from "./fresh-views.ts";
import { readViews } from "./read-views.ts";
import type { StatsState } from "./stats-answers.ts";
import {
  type Check,
  EMPTY,
  JOBS_FAILED,
  LATER_GONE,
  NOT_CUT_OFF,
  NOT_DRAINED,
  NOT_FINALIZED,
  READERS_HELD_UP,
  ROLLUPS_DIFFER,
  SERVICE_DIED,
  STATS_LEFT_OPEN,
  STATS_UNANSWERED,
  UNACCOUNTED,
  UNSAFE_SPOOLING,
} from "./verdict.ts";
import type { Accounts } from "./watch-accounts.ts";

/** What happened in a run. */
export type Evidence = {
  ledger: Ledger;
  deletions: readonly Deletion[];
  erasures: readonly Erasure[];
  totals: Totals;
  load: LoadTotals;
  fresh: readonly (number | undefined)[];
  drained: Drained;
  stats: StatsState;
  spoolPuts: readonly SpoolPut[];
  /** What workers have finalized while the faults came and went, and whether nothing is left to be finalized. */
  finalizing: Finalizing;
  isFinalized: boolean;
  accounts: Accounts;
};

/** Compares what was acknowledged with what is in the database, and returns the result of each check. */
export async function runChecks(
  { db, ingests, statsApis }: Pick<Lab, "db" | "ingests" | "statsApis">,
  evidence: Evidence,
): Promise<{ checks: Check[]; views: CheckedViews }> {
  const checker = checkViews(evidence.ledger, evidence);
  await readViews(db, checker);
  const views = checker.finish();
  const differences = (await verifyRollups(db)).map(
    ({ rollup, key, expected, found }) => `${rollup} ${key}: expected ${expected}, found ${found}`,
  );
  const checks = [
    ...(Object.keys(INVARIANTS) as Invariant[]).map((invariant) => ofViews(invariant, views)),
    check(ROLLUPS_DIFFER, differences),
    finalizingCheck(evidence),
    accountsCheck(evidence.accounts),
    freshCheck(evidence.fresh),
    drainCheck(evidence.drained),
    jobsCheck(evidence),
    laterCheck(evidence),
    redoCheck(evidence.totals),
    spoolCheck(evidence.spoolPuts),
    check("answers that a correct request must not get", evidence.load.wrong),
    check(NOT_CUT_OFF, evidence.totals.notCutOff),
    check(
      SERVICE_DIED,
      [...ingests, ...statsApis]
        .filter((service) => service.deaths() > 0)
        .map((service) => `${service.name}: ${service.deaths()} times`),
    ),
    check(NOT_DRAINED, evidence.totals.notDrained),
    check(STATS_UNANSWERED, evidence.stats.unanswered),
    check(STATS_LEFT_OPEN, evidence.stats.leftOpen),
    check(READERS_HELD_UP, evidence.totals.readersHeldUp),
    check("faults that could not be caused", evidence.totals.failed),
  ];
  return { checks, views };
}

function ofViews(invariant: Invariant, { violations }: CheckedViews): Check {
  const examples = violations
    .filter((violation) => violation.invariant === invariant)
    .map(({ view, what }) => `view ${view}: ${what}`);
  return check(INVARIANTS[invariant], examples);
}

function check(name: string, examples: readonly string[]): Check {
  return { name, isMet: examples.length === 0, found: String(examples.length), examples };
}

function freshCheck(fresh: readonly (number | undefined)[]): Check {
  const times = fresh.map((ms) => (ms === undefined ? `> ${seconds(FRESH_MS_MAX)}` : seconds(ms)));
  return {
    name: `a new view is stored within ${seconds(FRESH_MS_MAX)} of the last fault`,
    isMet: fresh.every((ms) => ms !== undefined),
    found: times.join(", "),
    examples: [],
  };
}

function drainCheck({ ms, left }: Drained): Check {
  return {
    name: EMPTY,
    isMet: left === undefined,
    found: `${left === undefined ? "after" : "not within"} ${seconds(ms)}`,
    examples: left === undefined ? [] : [inWords(left)],
  };
}

/** Every job of garbage is kept as failed; no other job fails. */
function jobsCheck({ drained: { failed }, totals: { garbage } }: Evidence): Check {
  const found = garbage === 0 ? String(failed) : `${failed} of ${garbage} that are garbage`;
  return { name: JOBS_FAILED, isMet: failed === garbage, found, examples: [] };
}

/** Days and hours were finalized, and in the end all of them are. Otherwise the rollups would agree because nothing is stored. */
function finalizingCheck({ finalizing: { days, hours, failures }, isFinalized }: Evidence): Check {
  return {
    name: NOT_FINALIZED,
    isMet: days > 0 && hours > 0 && failures.length === 0 && isFinalized,
    found: `${days} times a day, ${hours} times an hour`,
    examples: isFinalized ? failures : [...failures, "days or hours are still open in the end"],
  };
}

/** Every queued view was accounted for at every look, and all of them are in the end. */
function accountsCheck({ looks, mayForget, mayStrand, wrong, last }: Accounts): Check {
  const { queued = 0, lost = null, surplus = null } = last ?? {};
  const forgotten = mayForget ? `, ${surplus} that Redis has forgotten` : "";
  return {
    name: UNACCOUNTED,
    isMet: last !== undefined && queued > 0 && looks > 0 && wrong.length === 0,
    found: `${wrong.length} at ${looks} looks${forgotten}${mayStrand ? `, ${lost} on no list in the end` : ""}`,
    examples: last === undefined ? [...wrong, "the accounts cannot be read in the end"] : wrong,
  };
}

/** Each waits for a worker that can read it. */
function laterCheck({ drained: { laterWaiting }, totals: { later } }: Evidence): Check {
  const added = [...later].flatMap(([id, isAdded]) => (isAdded ? [id] : []));
  const gone = added.filter((id) => !laterWaiting.has(id));
  return {
    name: LATER_GONE,
    isMet: gone.length === 0,
    found: `${gone.length} of ${added.length}`,
    examples: gone,
  };
}

function redoCheck({ redos }: Totals): Check {
  const alone = redos.filter(({ isAlone }) => isAlone);
  const late = alone.filter(({ ms }) => ms >= ALONE_MS);
  return {
    name: `a killed worker's jobs are done again within ${seconds(ALONE_MS)}, when nothing else is wrong`,
    isMet: late.length === 0,
    found: alone.length === 0 ? "not tried" : alone.map(({ ms }) => seconds(ms)).join(", "),
    examples: late.map(({ ms, jobs }) => `${jobs} jobs after ${seconds(ms)}`),
  };
}

/** `PRAGMA synchronous` from which a commit is on the disk when it returns. */
const SYNCHRONOUS_FULL = 2;

/** A row of the spool is still there after a power cut. */
function survivesPowerCut({ synchronous, journalMode }: SpoolPut): boolean {
  return synchronous >= SYNCHRONOUS_FULL && !["off", "memory"].includes(journalMode);
}

function spoolCheck(puts: readonly SpoolPut[]): Check {
  const unsafe = puts.filter((put) => !survivesPowerCut(put));
  return {
    name: UNSAFE_SPOOLING,
    isMet: unsafe.length === 0,
    found: `${unsafe.length} of ${puts.length}`,
    examples: unsafe.map(
      ({ synchronous, journalMode }) => `synchronous ${synchronous}, journal mode ${journalMode}`,
    ),
  };
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
