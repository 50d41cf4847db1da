import { DAY_MS, type World } from "./world.ts";

/** What happens in the world, and when. All of it is placed before the world's end, so that it shows in the usual periods. */
const HOUR_MS = 3_600_000;

const VIRAL_SINCE_HOURS = 44;
const VIRAL_RISE_HOURS = 40;
/** Hours in which the attention halves, once it has passed its height. */
const VIRAL_HALF_LIFE_HOURS = 36;
const NEWCOMER_DAYS = 6;
const FADING_SINCE_DAYS = 56;
const FADING_DAYS = 15;
const FADED = 0.07;
const CAMPAIGN_SINCE_DAYS = 46;
const LINKED_SINCE_DAYS = 71;
const SUSPECT_DAYS = 20;

/** Visits of the campaign on each of its days, as a share of a usual day's. */
const CAMPAIGN_SHARES = [0.45, 1, 0.9, 0.7, 0.5, 0.3, 0.15];
/** The same of the blog that linked once. */
const LINK_SHARES = [0.3, 0.14, 0.06, 0.03, 0.02, 0.01];

/** How high the viral model's attention is, 0 to 1. */
export function viralAt(world: World, at: Date): number {
  const hours = (at.getTime() - world.end.getTime()) / HOUR_MS + VIRAL_SINCE_HOURS;
  if (hours <= 0) return 0;
  if (hours <= VIRAL_RISE_HOURS) return (hours / VIRAL_RISE_HOURS) ** 2;
  return 0.5 ** ((hours - VIRAL_RISE_HOURS) / VIRAL_HALF_LIFE_HOURS);
}

/** When the newcomer's profile was made. */
export function newcomerSince(world: World): Date {
  return new Date(world.end.getTime() - NEWCOMER_DAYS * DAY_MS);
}

/** What is left of the fading model's attention, 1 to almost 0. */
export function fadedTo(world: World, day: Date): number {
  const days = daysAfter(world, FADING_SINCE_DAYS, day);
  return Math.max(FADED, Math.exp(-Math.max(0, days) / FADING_DAYS));
}

/** Visits of the campaign on a day, as a share of a usual day's. */
export function campaignShare(world: World, day: Date): number {
  return CAMPAIGN_SHARES[daysAfter(world, CAMPAIGN_SINCE_DAYS, day)] ?? 0;
}

/** Visits by the link of a blog on a day, as a share of a usual day's. */
export function linkShare(world: World, day: Date): number {
  return LINK_SHARES[daysAfter(world, LINKED_SINCE_DAYS, day)] ?? 0;
}

/** Whether programs made up viewers on this day. */
export function isSuspectDay(world: World, day: Date): boolean {
  return daysAfter(world, SUSPECT_DAYS, day) === 0;
}

/** How many days a day is after the one that was so many days before the last. */
function daysAfter(world: World, daysBefore: number, day: Date): number {
  const lastDay = Math.floor(world.end.getTime() / DAY_MS);
  return Math.floor(day.getTime() / DAY_MS) - (lastDay - daysBefore);
}
