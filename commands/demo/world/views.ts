import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import { attentionOn } from "./attention.ts";
import { campaignShare, isSuspectDay, linkShare, newcomerSince, viralAt } from "./events.ts";
import { NEWCOMER } from "./models.ts";
import { mixedSeed, rounded } from "./pick.ts";
import { busyness, hourlyBusyness, timeOfDay } from "./rhythm.ts";
import { type DemoView, type VisitContext, type VisitKind, viewerOf, visit } from "./visits.ts";
import { DAY_MS, type World } from "./world.ts";

const HOUR_MS = 3_600_000;
const DAY_STREAM = 3;

/** Views for which there is one ordinary visit: its own, and those of events and bots. */
const VIEWS_FOR_A_VISIT = 2.66;
/** Visits of the viral model at its height, as a share of all ordinary ones. */
export const VIRAL_SHARE = 2.2;
/** Visits of bots and suspects, as shares of the ordinary ones. */
export const BOTS_SHARE = 0.12;
const SUSPECTS_SHARE = 0.5;
/** When programs made up viewers: hours of that day. */
const SUSPECT_HOURS = { from: 2.5, length: 1.4 };

/** A view with the id that makes it the same view each time. */
export type IdentifiedView = DemoView & { id: string };

/**
 * The views of one day (its midnight in UTC), by time. The last visits of a day may have views after midnight. Depends on the
 * world and the day alone, so that any part of the history can be made again.
 */
export function viewsOfDay(world: World, day: Date): IdentifiedView[] {
  const dayNumber = Math.round((day.getTime() - world.start.getTime()) / DAY_MS);
  const random = seededRandom(mixedSeed(world.seed, DAY_STREAM, dayNumber));
  const context: VisitContext = { world, day, attention: attentionOn(world, day), random };
  const usual = (world.views / world.days / VIEWS_FOR_A_VISIT) * busyness(world, day);
  const views: IdentifiedView[] = [];
  const isThere = ({ model, at }: DemoView) => model !== NEWCOMER || at >= newcomerSince(world).getTime();
  let nth = 0;

  function add(kind: VisitKind, expected: number, timeIn: () => number): void {
    for (let left = rounded(expected, random); left > 0; left -= 1) {
      const viewer = viewerOf(context, kind, nth);
      nth += 1;
      const time = kind === "usual" ? timeOfDay(day, viewer.country.timeZone, random) : timeIn();
      for (const view of visit(context, kind, viewer, day.getTime() + Math.floor(time))) {
        if (isThere(view)) views.push({ ...view, id: seededUuid(random) });
      }
    }
  }

  const anywhen = () => random() * DAY_MS;
  const inEurope = () => timeOfDay(day, "Europe/Berlin", random);
  add("usual", usual, anywhen);
  add("campaign", usual * campaignShare(world, day), inEurope);
  add("link", usual * linkShare(world, day), inEurope);
  for (let hour = 0; hour < 24; hour += 1) {
    const middle = new Date(day.getTime() + (hour + 0.5) * HOUR_MS);
    const level = viralAt(world, middle) * hourlyBusyness(middle);
    if (level > 0) add("viral", (usual / 24) * VIRAL_SHARE * level, () => (hour + random()) * HOUR_MS);
  }
  add("bot", usual * BOTS_SHARE, anywhen);
  if (isSuspectDay(world, day)) {
    const { from, length } = SUSPECT_HOURS;
    add("suspect", usual * SUSPECTS_SHARE, () => (from + random() * length) * HOUR_MS);
  }
  return views.sort((one, other) => one.at - other.at);
}

/** The views from an instant up to another, a day at a time. */
export function* viewsBetween(world: World, from: Date, to: Date): Generator<IdentifiedView[]> {
  const first = Math.floor(from.getTime() / DAY_MS) * DAY_MS;
  // The last visits of the day before may go on after midnight, but there is no day before the first one.
  const start = Math.max(world.start.getTime(), first - DAY_MS);
  for (let day = start; day < to.getTime(); day += DAY_MS) {
    const views = viewsOfDay(world, new Date(day));
    yield views.filter(({ at }) => at >= from.getTime() && at < to.getTime());
  }
}
