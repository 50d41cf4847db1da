import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import { type Client, pickBrowser, pickPhone } from "./clients.ts";
import { type Country, pickCountry } from "./countries.ts";
import { CATEGORIES } from "./models.ts";
import { mixedSeed } from "./pick.ts";
import { DAY_MS, type World } from "./world.ts";

/** A person with a browser: by the same number, always the same. */
export type Viewer = {
  /** A UUID, as the cookie has it. */
  id: string;
  country: Country;
  address: string;
  client: Client;
  /** The category that interests the viewer most. */
  category: string;
  /** Seeds of the models that the viewer comes back for. */
  favourites: readonly number[];
};

const VIEWER_STREAM = 2;
const FAVOURITES = 3;

/** Regular viewers have the numbers below this. */
const OCCASIONAL_FROM = 1_000_000;
const VIRAL_FROM = 500_000_000;
/** Numbers for new viewers of one day. */
const NUMBERS_A_DAY = 50_000;
/** Keeps the numbers of days before the first one above 0. */
const DAYS_BEFORE = 1_000;

/** Views of the whole world for which there is one regular viewer. */
const VIEWS_A_REGULAR = 70;
/** Higher: fewer of the regular viewers make most of the visits. */
const REGULAR_SKEW = 2.2;
const REGULARS_SHARE = 0.34;
const RETURNING_SHARE = 0.16;
/** Days after which a viewer who is not regular comes back, on average. */
const RETURN_DAYS = 9;

const viewersOf = new WeakMap<World, Map<number, Viewer>>();

/** The viewer of an ordinary visit: one of the regular ones, one who was here some days ago, or a new one. */
export function usualViewer(world: World, day: Date, nth: number, random: () => number): Viewer {
  const kind = random();
  if (kind < REGULARS_SHARE) {
    const regulars = Math.max(1, world.views / VIEWS_A_REGULAR);
    return viewer(world, Math.floor(random() ** REGULAR_SKEW * regulars));
  }
  if (kind > REGULARS_SHARE + RETURNING_SHARE) return viewer(world, numberOf(world, day, nth));
  const daysAgo = 1 + Math.floor(-Math.log(1 - random()) * RETURN_DAYS);
  const then = new Date(day.getTime() - daysAgo * DAY_MS);
  return viewer(world, numberOf(world, then, Math.floor(random() * (world.views / world.days / 3))));
}

/** A viewer with a phone who follows a link that many share. */
export function viralViewer(world: World, day: Date, nth: number): Viewer {
  return viewer(world, VIRAL_FROM + numberOf(world, day, nth));
}

function numberOf(world: World, day: Date, nth: number): number {
  const dayNumber = Math.round((day.getTime() - world.start.getTime()) / DAY_MS);
  return OCCASIONAL_FROM + (dayNumber + DAYS_BEFORE) * NUMBERS_A_DAY + (nth % NUMBERS_A_DAY);
}

function viewer(world: World, number: number): Viewer {
  const known = viewersOf.get(world) ?? new Map<number, Viewer>();
  viewersOf.set(world, known);
  const found = known.get(number);
  if (found !== undefined) return found;
  const random = seededRandom(mixedSeed(world.seed, VIEWER_STREAM, number));
  const country = pickCountry(random());
  const byte = () => 1 + Math.floor(random() * 254);
  const made: Viewer = {
    id: seededUuid(random),
    country,
    address: addressIn(country.network, byte),
    client: number >= VIRAL_FROM ? pickPhone(random()) : pickBrowser(random()),
    category: CATEGORIES[Math.floor(random() ** 1.4 * CATEGORIES.length)] ?? "women",
    favourites: Array.from({ length: FAVOURITES }, random),
  };
  known.set(number, made);
  return made;
}

/** The first two bytes are the provider's. */
function addressIn(network: string, byte: () => number): string {
  return `${network}.${byte()}.${byte()}`;
}
