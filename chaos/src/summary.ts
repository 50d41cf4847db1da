import type { CheckedViews } from "./check/check-views.ts";
import { seconds } from "./check/run-checks.ts";
import type { Verdict } from "./check/verdict.ts";
import type { Totals } from "./faults/totals.ts";
import type { Lab } from "./lab/lab.ts";
import type { Ledger } from "./load/ledger.ts";
import type { LoadTotals } from "./load/load-totals.ts";
import type { PlannedFault } from "./plan/plan.ts";

export type SummaryOptions = {
  lab: Pick<Lab, "ingests" | "workers" | "statsApis">;
  plan: readonly PlannedFault[];
  ledger: Ledger;
  totals: Totals;
  load: LoadTotals;
  views: CheckedViews;
  /** From the end of the faults. */
  drainedMs: number;
};

/** A run in numbers. */
export function summaryOf(options: SummaryOptions): Verdict["summary"] {
  const { lab, plan, ledger, totals, load, views, drainedMs } = options;
  const acknowledged = [...ledger.values()].filter(({ isAcknowledged }) => isAcknowledged).length;
  const faults = [...totals.ran.values()].reduce((sum, times) => sum + times, 0);
  const kills = [...totals.kills.values()].reduce((sum, times) => sum + times, 0);
  const ofKills = [...totals.kills].map(([name, times]) => `${times} ${name}`).join(", ");
  const services = [...lab.ingests, ...lab.workers, ...lab.statsApis];
  const deaths = services.reduce((sum, service) => sum + service.deaths(), 0);
  const longest = Math.max(0, ...totals.redos.map(({ ms }) => ms));
  const requests = load.acknowledged + load.refused + load.unreachable + load.unknown;
  return [
    ["faults", `${faults} of ${plan.length}, of ${totals.ran.size} kinds`],
    ["kill -9", `${kills}${ofKills === "" ? "" : `: ${ofKills}`}`],
    ["workers killed", `${totals.workerKills.active} with active jobs, ${totals.workerKills.idle} idle`],
    [
      "longest from a worker's kill until its jobs were done again",
      longest === 0 ? "none had jobs" : seconds(longest),
    ],
    ["services that ended unexpectedly", whole(deaths)],
    [
      "requests",
      `${whole(requests)}: ${whole(load.acknowledged)} acknowledged, ${whole(load.refused)} refused, ` +
        `${whole(load.unreachable)} unreachable, ${whole(load.unknown)} unknown; ${whole(load.repeated)} were repeats`,
    ],
    ["slowest answer", `${Math.round(load.answerMsMax)} ms`],
    ["views sent", `${whole(ledger.size)} (${whole(load.heldBack)} were held back)`],
    ["views acknowledged", whole(acknowledged)],
    ["views stored", whole(views.stored)],
    ["views deleted with their model", whole(views.goneWithModel)],
    ["views erased with their viewer", whole(views.goneWithViewer)],
    ["views rejected", `${whole(views.rejected)} of deleted models, ${whole(views.badRejected)} bad`],
    ["queue and spools empty", `${seconds(drainedMs)} after the last fault`],
  ];
}

const whole = (value: number) => value.toLocaleString("en");
