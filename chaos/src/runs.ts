import type { ChaosCommand } from "./options.ts";
import { type PlannedFault, planFaults } from "./plan/plan.ts";

/** One run of the whole system. */
export type Run = {
  seed: number;
  /** Views per second. */
  rate: number;
  plan: readonly PlannedFault[];
  drainMsMax: number;
  /** What repeats it. */
  command: string;
};

/** Every kind of fault on every target once, in the time that a developer waits for it. */
const SHORT = { mixedMs: 45_000, rate: 300, killsAlone: 2, drainMsMax: 40_000 };
const LONG = { rate: 400, killsAlone: 4, drainMsMax: 180_000 };
const OUTAGE = { rate: 1_000, atMs: 5_000, drainMsMax: 300_000 };
const KILLS_A_MINUTE = 20;
const MINUTE_MS = 60_000;

/** What a command asks for. */
export function runOf({ seed, minutes, rate, kills, only, outage }: ChaosCommand): Run {
  const words = ["npm run chaos -- --seed", seed];
  if (minutes !== undefined) words.push("--minutes", minutes);
  if (rate !== undefined) words.push("--rate", rate);
  if (kills !== undefined) words.push("--kills", kills);
  if (only !== undefined) words.push("--only", only.join(","));
  if (outage !== undefined) words.push("--outage", outage.store, "--seconds", outage.seconds);
  const command = words.join(" ");
  if (outage !== undefined) {
    const [fault, target] = [`kill-${outage.store}` as const, outage.store];
    const plan = [{ atMs: OUTAGE.atMs, fault, target, durationMs: outage.seconds * 1_000, isAlone: false }];
    return { seed, rate: rate ?? OUTAGE.rate, plan, drainMsMax: OUTAGE.drainMsMax, command };
  }
  const length = minutes === undefined ? SHORT : { ...LONG, mixedMs: minutes * MINUTE_MS };
  const plan = planFaults({
    seed,
    mixedMs: length.mixedMs,
    killsAlone: length.killsAlone,
    kills: kills ?? Math.round((KILLS_A_MINUTE * length.mixedMs) / MINUTE_MS),
    only,
  });
  return { seed, rate: rate ?? length.rate, plan, drainMsMax: length.drainMsMax, command };
}
