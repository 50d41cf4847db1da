import { setTimeout as pause } from "node:timers/promises";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { Queue } from "bullmq";
import { drain, untilRedriven } from "./check/drain.ts";
import { freshViews } from "./check/fresh-views.ts";
import { runChecks } from "./check/run-checks.ts";
import { statsAnswers } from "./check/stats-answers.ts";
import type { Verdict } from "./check/verdict.ts";
import { watchAccounts } from "./check/watch-accounts.ts";
import { heal, putModels } from "./faults/heal.ts";
import type { FaultKit } from "./faults/kit.ts";
import { missingFor, runFaults } from "./faults/run-faults.ts";
import { noTotals } from "./faults/totals.ts";
import { createAlone } from "./lab/alone.ts";
import { type Finalizing, finalizeTheRest } from "./lab/finalizing.ts";
import type { Lab } from "./lab/lab.ts";
import type { SpoolPut } from "./lab/messages.ts";
import { SERVER_KEY } from "./lab/services.ts";
import type { Deletion, Erasure, SentView } from "./load/ledger.ts";
import { type Load, startLoad } from "./load/load.ts";
import { createViewMaker } from "./load/make-views.ts";
import { createPost } from "./load/post.ts";
import { endOf, type PlannedFault } from "./plan/plan.ts";
import { summaryOf } from "./summary.ts";

export type ChaosOptions = {
  seed: number;
  /** Views per second. */
  rate: number;
  plan: readonly PlannedFault[];
  /** Milliseconds that queue and spools may take to become empty. */
  drainMsMax: number;
  /** How rows were put into spools; filled while the run goes on. */
  spoolPuts: readonly SpoolPut[];
  /** What workers have finalized; filled likewise. */
  finalizing: Finalizing;
  log: (line: string) => void;
};

const LOG_EVERY_MS = 5_000;
/** Milliseconds in which the end of each job is noticed once the queue is empty. */
const WATCH_MS_MAX = 1_000;
/** Milliseconds of load after the last fault. */
const TAIL_MS = 2_000;

/** Faults after which Redis may not know what it had taken in its last second. */
const MAY_FORGET: ReadonlySet<string> = new Set(["kill-redis", "redis-disk-full"]);

/** Posts views while the faults of the plan come and go, lets everything recover, and runs the checks. */
export async function runChaos(lab: Lab, options: ChaosOptions): Promise<Verdict> {
  const { seed, rate, plan, drainMsMax, spoolPuts, finalizing, log } = options;
  const maker = createViewMaker(seed);
  const ledger = new Map<string, SentView>();
  const deletions: Deletion[] = [];
  const erasures: Erasure[] = [];
  const totals = noTotals();
  const { post, close } = createPost(SERVER_KEY);
  await using opened = new AsyncDisposableStack();
  opened.defer(close);
  const queue = openQueue(lab);
  opened.defer(() => void queue.close().catch(() => {}));
  const enqueue: FaultKit["enqueue"] = async (jobId, data) =>
    void (await queue.add(VIEWS_JOB, data, { ...VIEWS_JOB_OPTIONS, jobId }));

  for (const missing of new Set(plan.flatMap(({ fault }) => missingFor(fault, lab.disks) ?? [])))
    log(`NOT TRIED: ${missing}`);
  await putModels(lab, maker.modelIds);
  const ports = () => lab.ingests.map((ingest) => ingest.port());
  const load = startLoad({ rate, seed, maker, ledger, post, ports });
  opened.defer(() => void load.stop());
  const pauseQueue = (isPaused: boolean) => (isPaused ? queue.pause() : queue.resume());
  const aloneOnQueue = createAlone();
  const kit: FaultKit = {
    lab,
    maker,
    ledger,
    deletions,
    erasures,
    totals,
    enqueue,
    aloneOnQueue,
    pauseQueue,
  };
  const watch = watchAccounts(lab, {
    mayForget: plan.some(({ fault }) => MAY_FORGET.has(fault)),
    mayStrand: plan.some(({ fault }) => fault === "redis-missing-right"),
  });
  opened.defer(watch.stop);
  const progress = logProgress(kit, { load, plan, log });
  opened.defer(() => {
    progress.stop();
    totals.isOver = true;
  });
  await runFaults(kit, plan);
  progress.stop();

  log("the faults are over; healing the system");
  await heal(kit);
  const healedAtMs = performance.now();
  const [fresh, stats] = await Promise.all([
    freshViews(lab, { maker, ledger, post }),
    statsAnswers(lab, maker.modelIds),
    pause(TAIL_MS),
  ]);
  await load.stop();
  const drained = await drain(lab, { queue, later: totals.later, msMax: drainMsMax, log });
  const drainedMs = performance.now() - healedAtMs;
  // A job that is not done a moment later is stuck or has failed.
  await Promise.race([Promise.all(totals.watching), pause(WATCH_MS_MAX)]);
  totals.isOver = true;
  await Promise.all(totals.watching);
  await untilRedriven(lab.db, log);
  await watch.stop();
  log("finalizing the last days and hours");
  const isFinalized = await finalizeTheRest(lab);
  log(`comparing ${ledger.size.toLocaleString("en")} views`);
  const { checks, views } = await runChecks(lab, {
    ...{ ledger, deletions, erasures, totals, load: load.totals, fresh, drained, stats, spoolPuts },
    ...{ finalizing, isFinalized, accounts: watch.accounts },
  });
  const summary = summaryOf({ lab, plan, ledger, totals, load: load.totals, views, drainedMs });
  return { checks, summary, leftOut: [...totals.leftOut] };
}

/** The queue, opened by the harness as ingest opens it. */
function openQueue({ observer }: Lab): Queue {
  const queue = new Queue(VIEWS_QUEUE.name, {
    connection: observer,
    prefix: VIEWS_QUEUE.prefix,
    skipVersionCheck: true,
    skipWaitingForReady: true,
    skipMetasUpdate: true,
  });
  queue.on("error", () => {});
  return queue;
}

function logProgress(
  { totals }: FaultKit,
  { load, plan, log }: { load: Load; plan: readonly PlannedFault[]; log: (line: string) => void },
): { stop: () => void } {
  const began = performance.now();
  const totalSeconds = Math.ceil(endOf(plan) / 1_000);
  const timer = setInterval(() => {
    const { acknowledged, refused, unreachable, unknown } = load.totals;
    const now = [...totals.underWay].map(({ fault, target }) => `${fault} ${target}`);
    log(
      `${Math.round((performance.now() - began) / 1_000)} of ${totalSeconds} s: ` +
        `${acknowledged.toLocaleString("en")} requests acknowledged, ${refused + unreachable} refused, ` +
        `${unknown} unknown; ${now.length === 0 ? "no fault" : now.join(", ")}`,
    );
  }, LOG_EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
