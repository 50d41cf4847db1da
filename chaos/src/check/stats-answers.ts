import { setTimeout as pause } from "node:timers/promises";
import type { Lab } from "../lab/lab.ts";
import { problemOfAsking } from "../lab/probes.ts";
import { ADMIN_KEY } from "../lab/services.ts";
import { FRESH_MS_MAX } from "./fresh-views.ts";

const LOOK_EVERY_MS = 100;
const ANSWER_MS_MAX = 10_000;
/** Milliseconds that PostgreSQL may take to notice that a client has left. */
const LEFT_MS_MAX = 15_000;

/** The state of the stats APIs after the faults. */
export type StatsState = {
  /** Questions that were not answered in time; one line each. */
  unanswered: string[];
  /** Statements that still run on their connections though no question is open. */
  leftOpen: string[];
};

/** Asks every stats API for stats, and for an export, which uses other connections, again until it answers. */
export async function statsAnswers(
  { db, statsApis }: Pick<Lab, "db" | "statsApis">,
  modelIds: readonly string[],
): Promise<StatsState> {
  const paths = [`/v1/models/${modelIds[0]}/stats`, "/v1/viewers/viewer%201"];
  const questions = statsApis.flatMap((stats) => paths.map((path) => ({ stats, path })));
  const unanswered = await Promise.all(
    questions.map(async ({ stats, path }) => {
      const problem = await untilAnswered(stats.port, path);
      return problem === undefined ? [] : [`${path} of ${stats.name}: ${problem}`];
    }),
  );
  return { unanswered: unanswered.flat(), leftOpen: await untilIdle(db) };
}

/** Undefined when it was answered; else the last problem. */
async function untilAnswered(port: () => number | undefined, path: string): Promise<string | undefined> {
  const deadline = performance.now() + FRESH_MS_MAX;
  for (;;) {
    const problem = await problemOfAsking(port(), { path, key: ADMIN_KEY, msMax: ANSWER_MS_MAX });
    if (problem === undefined || performance.now() > deadline) return problem;
    await pause(LOOK_EVERY_MS);
  }
}

async function untilIdle(db: Lab["db"]): Promise<string[]> {
  const deadline = performance.now() + LEFT_MS_MAX;
  for (;;) {
    const busy = await connectionsAtWork(db);
    if (busy.length === 0 || performance.now() > deadline) return busy;
    await pause(LOOK_EVERY_MS);
  }
}

async function connectionsAtWork(db: Lab["db"]): Promise<string[]> {
  const { rows } = await db.$client.query<{ what: string }>(
    `select state || ': ' || left(query, 80) as what from pg_stat_activity
     where application_name like 'model-views stats-api%' and state <> 'idle'`,
  );
  return rows.map(({ what }) => what);
}
