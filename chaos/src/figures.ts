import type { CheckedViews } from "./check/check-views.ts";
import { seconds } from "./check/judge.ts";
import type { Verdict } from "./check/verdict.ts";
import type { Totals } from "./faults/totals.ts";
import type { Lab } from "./lab/lab.ts";
import type { Ledger } from "./load/ledger.ts";
import type { LoadFigures } from "./load/load-figures.ts";
import type { PlannedFault } from "./plan/plan.ts";

export type FiguresOptions = {
  lab: Pick<Lab, "ingests" | "workers" | "statsApis">;
  plan: readonly PlannedFault[];
  ledger: Ledger;
  totals: Totals;
  load: LoadFigures;
  views: CheckedViews;
  /** From the end of the faults. */
  drainedMs: number;
};

/** What a run came to, in numbers. */
export function figuresOf(options: FiguresOptions): Verdict["figures"] {
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
    ["workers killed", `${totals.workerKills.inHand} with jobs in hand, ${totals.workerKills.idle} idle`],
    ["longest from a worker's kill to its jobs redone", longest === 0 ? "none had jobs" : seconds(longest)],
    ["services that ended by themselves", whole(deaths)],
    [
      "requests",
      `${whole(requests)}: ${whole(load.acknowledged)} acknowledged, ${whole(load.refused)} refused, ` +
        `${whole(load.unreachable)} unreachable, ${whole(load.unknown)} unknown; ${whole(load.repeated)} were repeats`,
    ],
    ["longest answer", `${Math.round(load.answerMsMax)} ms`],
    ["views sent", `${whole(ledger.size)} (${whole(load.heldBack)} were held back)`],
    ["views acknowledged", whole(acknowledged)],
    ["views stored", whole(views.stored)],
    ["views gone with a deleted model", whole(views.goneWithModel)],
    ["views rejected", `${whole(views.rejected)} of deleted models, ${whole(views.badRejected)} bad`],
    ["queue and spools empty", `${seconds(drainedMs)} after the last fault`],
  ];
}

const whole = (value: number) => value.toLocaleString("en");
