import { fadedTo } from "./events.ts";
import { CATEGORIES, type DemoModel, FADING, MODELS, NEWCOMER, POPULARITY } from "./models.ts";
import { picker } from "./pick.ts";
import type { Viewer } from "./viewers.ts";
import type { World } from "./world.ts";

/** How often a visit goes to one of the viewer's favourites, or stays in the category that interests the viewer most. */
const FAVOURITE_SHARE = 0.3;
const CATEGORY_SHARE = 0.5;

/** The newcomer's attention, as a share of what the model will have. */
const NEWCOMER_SHARE = 0.3;
/** Every model's attention swings by so much, each over another number of days. */
const SWING = 0.22;
const SWING_DAYS_MIN = 17;
const DAY_MS = 86_400_000;

/** Picks the models that viewers look at on a day. */
export type Attention = { pick: (viewer: Viewer, random: () => number) => DemoModel };

export function attentionOn(world: World, day: Date): Attention {
  const weights = MODELS.map((model, index) => weightOf(world, day, model, index));
  const ofAll = picker(weights);
  const ofCategory = new Map(
    CATEGORIES.map((category) => [
      category,
      picker(weights.map((weight, index) => (MODELS[index]?.category === category ? weight : 0))),
    ]),
  );
  return {
    pick({ favourites, category }, random) {
      const how = random();
      if (how < FAVOURITE_SHARE)
        return MODELS[ofAll(favourites[Math.floor(random() * favourites.length)] ?? 0)] as DemoModel;
      const pick = how < FAVOURITE_SHARE + CATEGORY_SHARE ? ofCategory.get(category) : undefined;
      return MODELS[(pick ?? ofAll)(random())] as DemoModel;
    },
  };
}

function weightOf(world: World, day: Date, model: DemoModel, index: number): number {
  const popularity = POPULARITY[index] ?? 0;
  // Views of the time before its profile are left out by views.ts.
  if (model === NEWCOMER) return popularity * NEWCOMER_SHARE;
  const days = (day.getTime() - world.start.getTime()) / DAY_MS;
  const swing = 1 + SWING * Math.sin((2 * Math.PI * days) / (SWING_DAYS_MIN + (index % 13)) + index * 2.4);
  return popularity * swing * (model === FADING ? fadedTo(world, day) : 1);
}
