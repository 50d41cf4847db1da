import { seededRandom } from "@model-views/lab/random.ts";
import { FAULT_NAMES, type FaultName, kindOf, TRACKS, type Track } from "./faults.ts";

/** One entry of the schedule. */
export type PlannedFault = {
  /** Milliseconds from the beginning of the load. */
  atMs: number;
  fault: FaultName;
  target: string;
  durationMs: number;
  /** Nothing else is wrong meanwhile, so a killed worker's jobs must be done again in time. */
  isAlone: boolean;
};

export type PlanOptions = {
  seed: number;
  /** Milliseconds of the mixed part. */
  mixedMs: number;
  /** Workers that are killed with nothing else wrong, before the mixed part. */
  killsAlone: number;
  /** Processes to kill with SIGKILL in the mixed part, at least. */
  kills: number;
  /** Kinds of fault to take; all when undefined. */
  only: readonly FaultName[] | undefined;
};

/** Milliseconds of load before the first fault. */
const LEAD_MS = 1_500;
/** Milliseconds within which a killed worker's jobs must be done again. */
export const ALONE_MS = 8_000;
/** Milliseconds between two faults of a track, where the time allows it. */
const SLOT_MS: Record<Track, number> = {
  services: 2_500,
  stores: 5_000,
  proxies: 5_000,
  data: 4_000,
  clients: 6_000,
};
/** The share of its slot that a fault may fill, so that the system works in between. */
const SLOT_SHARE = 0.75;

type Entry = { fault: FaultName; target: string };

/** The schedule, in order of time. The same options give the same schedule. */
export function planFaults(options: PlanOptions): PlannedFault[] {
  const { seed, killsAlone, mixedMs, only = FAULT_NAMES } = options;
  const random = seededRandom(seed);
  const alone = only.includes("kill-recording-worker") ? aloneKills(killsAlone, random) : [];
  const mixedAtMs = LEAD_MS + alone.length * ALONE_MS;
  const mixed = TRACKS.flatMap((track) => {
    const names = only.filter((name) => kindOf(name).track === track);
    const entries =
      track === "services" ? serviceEntries(names, options, random) : names.flatMap(everyTarget);
    return spread(entries, { track, mixedMs, random });
  });
  const later = mixed.map((planned) => ({ ...planned, atMs: planned.atMs + mixedAtMs }));
  return [...alone, ...later].sort((a, b) => a.atMs - b.atMs || a.fault.localeCompare(b.fault));
}

/** When the last fault of a schedule is over, in milliseconds from the beginning of the load. */
export function endOf(plan: readonly PlannedFault[]): number {
  return Math.max(
    0,
    ...plan.map(({ atMs, durationMs, isAlone }) => atMs + (isAlone ? ALONE_MS : durationMs)),
  );
}

/** How many processes a schedule ends by SIGKILL. */
export function killsOf(plan: readonly PlannedFault[]): number {
  return plan.reduce((sum, { fault }) => sum + (kindOf(fault).kills ?? 0), 0);
}

function aloneKills(count: number, random: () => number): PlannedFault[] {
  return Array.from({ length: count }, (_, index) => ({
    atMs: LEAD_MS + index * ALONE_MS,
    fault: "kill-recording-worker" as const,
    target: `worker-${index % 2}`,
    durationMs: whole(random() * 1_000),
    isAlone: true,
  }));
}

function everyTarget(fault: FaultName): Entry[] {
  return kindOf(fault).targets.map((target) => ({ fault, target }));
}

/** Everything once, then kills of ingests and workers until there are enough. */
function serviceEntries(names: readonly FaultName[], { kills }: PlanOptions, random: () => number): Entry[] {
  const entries = names.flatMap(everyTarget);
  const killing = names.filter((name) => kindOf(name).kills === 1).flatMap(everyTarget);
  let planned = entries.reduce((sum, { fault }) => sum + (kindOf(fault).kills ?? 0), 0);
  while (planned < kills && killing.length > 0) {
    const entry = killing[Math.floor(random() * killing.length)];
    if (entry === undefined) break;
    entries.push(entry);
    planned += 1;
  }
  return entries;
}

/** Spreads the entries over the time, repeating them to fill it. When time is short they come closer together. */
function spread(
  entries: readonly Entry[],
  { track, mixedMs, random }: { track: Track; mixedMs: number; random: () => number },
): PlannedFault[] {
  if (entries.length === 0) return [];
  const slots = Math.max(entries.length, Math.floor(mixedMs / SLOT_MS[track]));
  const slotMs = mixedMs / slots;
  const planned: PlannedFault[] = [];
  let deck: Entry[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    if (deck.length === 0) deck = shuffled(entries, random);
    const entry = deck.pop();
    if (entry === undefined) break;
    const [minMs, maxMs] = kindOf(entry.fault).lasts;
    const lateMs = random() * slotMs * (1 - SLOT_SHARE);
    // Each service has a lock, so one can be down while the next fault hits another.
    const roomMs = track === "services" ? maxMs : slotMs * SLOT_SHARE;
    planned.push({
      atMs: whole(slot * slotMs + lateMs),
      ...entry,
      durationMs: whole(Math.min(minMs + random() * (maxMs - minMs), roomMs)),
      isAlone: false,
    });
  }
  return planned;
}

function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const keyed = items.map((item) => ({ item, key: random() }));
  return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

const whole = (value: number) => Math.round(value);
