import { isDeepStrictEqual } from "node:util";
import type { Progress } from "@model-views/lab/progress.ts";
import { ourService } from "@model-views/lab/service-process.ts";
import type { Lab } from "../lab.ts";
import { watchPeakMemory } from "../resources.ts";
import { percentile } from "../statistics.ts";
import { type BitmapSize, bitmapSizes } from "./bitmap-sizes.ts";
import { askAsCrowd, type Crowd, type CrowdedApi } from "./crowd.ts";
import { type DataSet, openDataSet } from "./data-set.ts";
import { type FinalizingTimes, finalizeAnew } from "./finalize-anew.ts";
import { QUESTIONS, type Question } from "./questions.ts";

/** Views of the small data set. */
export const FEW_VIEWS = 100_000;
const ROUNDS = 50;
/** Rounds that warm everything up and do not count. */
const WARM_UP_ROUNDS = 3;
/** Times that the original design is asked: each takes up to half a minute. */
const ORIGINAL_ROUNDS = 3;

const DAY_MS = 86_400_000;

/** Milliseconds of one question. */
export type AskedQuestion = {
  question: Question;
  /** With {@link FEW_VIEWS}. */
  fewMs: number;
  medianMs: number;
  p99Ms: number;
  /** Of the original design; undefined where it cannot answer. */
  originalMs: number | undefined;
};

/** Everything that was measured. All but the questions is of the large data set. */
export type StatsResults = {
  views: number;
  asked: readonly AskedQuestion[];
  crowd: Crowd;
  /** The largest resident memory of the stats API, in bytes; undefined where there is no `ps`. */
  peakBytes: number | undefined;
  bitmaps: readonly BitmapSize[];
  finalizing: FinalizingTimes;
};

export type CompareStatsOptions = {
  rounds: number | undefined;
  views: number;
  progress: Progress;
  log: (line: string) => void;
};

/**
 * Measures how long the stats API takes, over HTTP and with its cache off, with many views and with few, in turns. Also measures
 * the original design's queries on the same views, without HTTP; then the overview asked by many readers at once, the memory
 * of the stats API, and the size of audiences and how long it takes to finalize them.
 *
 * @throws when an answer differs from the result of the original design's query.
 */
export async function compareStats(
  lab: Lab,
  { rounds = ROUNDS, views, progress, log }: CompareStatsOptions,
): Promise<StatsResults> {
  await using opened = new AsyncDisposableStack();
  const now = new Date();
  const sets: DataSet[] = [];
  for (const each of [FEW_VIEWS, views]) {
    const set = await openDataSet(lab, { views: each, now, progress });
    opened.defer(() => set.db.$client.end());
    sets.push(set);
  }
  const [few, many] = await Promise.all(
    sets.map(async (set) => ({ set, ...(await startStatsApi(lab, set)) })),
  );
  if (few === undefined || many === undefined) throw new Error("there are two data sets");
  const memory = watchPeakMemory(many.pid);
  opened.defer(memory.stop);

  const asked: AskedQuestion[] = [];
  for (const question of QUESTIONS) {
    if (question.isOfToday && sets.some(({ end }) => now.getTime() - end.getTime() > DAY_MS)) {
      log(
        `${question.name}: left out, because a data set has no views of today. Drop its database to make it anew`,
      );
      continue;
    }
    const times = await askInTurns(question, [few, many], rounds);
    const originalMs = await askOriginal(question, many);
    const [ofFew = [], ofMany = []] = times;
    const found = {
      question,
      fewMs: percentile(ofFew, 0.5),
      medianMs: percentile(ofMany, 0.5),
      p99Ms: percentile(ofMany, 0.99),
      originalMs,
    };
    log(`${question.name}: ${found.medianMs.toFixed(1)} ms`);
    asked.push(found);
  }
  const crowd = await askAsCrowd(many);
  const bitmaps = await bitmapSizes(many.set.db);
  const finalizing = await finalizeAnew(many.set.db, many.set.end);
  return { views, asked, crowd, peakBytes: memory.bytes(), bitmaps, finalizing };
}

type Side = CrowdedApi & { set: DataSet; pid: number };

async function startStatsApi(lab: Lab, { views, databaseUrl }: DataSet): Promise<Omit<Side, "set">> {
  const { port, adminPort, pid } = await lab.start({
    name: `stats API with ${views.toLocaleString("en")} views`,
    ...(await ourService("stats-api")),
    env: {
      NODE_ENV: "development",
      HOST: "127.0.0.1",
      STATS_PORT: "0",
      STATS_ADMIN_PORT: "0",
      DATABASE_URL: databaseUrl,
      STATS_CACHE_SECONDS: "0",
    },
  });
  return { origin: `http://127.0.0.1:${port}`, adminPort, pid };
}

/** Milliseconds of each round, by side. */
async function askInTurns(question: Question, sides: readonly Side[], rounds: number): Promise<number[][]> {
  const times = sides.map((): number[] => []);
  for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
    for (const [index, side] of sides.entries()) {
      const ms = await timed(() => ask(question, side));
      if (round >= 0) times[index]?.push(ms);
    }
  }
  return times;
}

async function ask({ path }: Question, { set, origin }: Side): Promise<unknown> {
  const response = await fetch(origin + path(set));
  const answer: unknown = await response.json();
  if (!response.ok)
    throw new Error(`${path(set)} was answered with ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

async function askOriginal(question: Question, side: Side): Promise<number | undefined> {
  const { original, compared, name } = question;
  if (original === undefined) return undefined;
  const { db } = side.set;
  const times: number[] = [];
  for (let round = 0; round < ORIGINAL_ROUNDS; round += 1) {
    const started = performance.now();
    const { rows } = await db.$client.query(original(side.set));
    times.push(performance.now() - started);
    if (round > 0 || compared === undefined) continue;
    const [ours, theirs] = [compared.ofAnswer(await ask(question, side)), compared.ofRows(rows)];
    if (!isDeepStrictEqual(ours, theirs)) {
      throw new Error(
        `${name}: the answer ${JSON.stringify(ours)} differs from the query's result ${JSON.stringify(theirs)}`,
      );
    }
  }
  return percentile(times, 0.5);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
