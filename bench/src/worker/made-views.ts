import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { viewerIdentifierOf } from "@model-views/shared/contracts/viewer-identifier.ts";
import { v7 as uuidv7 } from "uuid";

const MODELS = 2_000;
/** The part of the views that come from viewers who are there again and again. */
const RETURNING_PART = 0.6;
const RETURNING_VIEWERS = 5_000;
/** Time from one view to the next: the load that ingest is measured with. */
const VIEWS_PER_MS = 25;
const SEED = 1;
const SALT = "a salt for the bench";

const BROWSERS = ["Chrome", "Safari", "Firefox", "Edge"];
const SYSTEMS = ["Windows", "iOS", "Android", "macOS"];

/** The models that are viewed. */
export function madeModelIds(): string[] {
  const random = seededRandom(SEED);
  return Array.from({ length: MODELS }, () => seededUuid(random));
}

/**
 * So many views that end now. The n-th most popular model gets 1/n of the first one's views (Zipf), so the batches
 * meet at the same few rows of the rollups; more than half of the views come from viewers who were seen before.
 */
export function* madeViews(modelIds: readonly string[], count: number): Generator<ViewEvent> {
  const random = seededRandom(SEED + 1);
  const pickModel = zipf(modelIds, random);
  const endMs = Date.now();
  for (let index = 0; index < count; index += 1) {
    const msecs = Math.floor(endMs - (count - index) / VIEWS_PER_MS);
    const viewer = random() < RETURNING_PART ? Math.floor(random() * RETURNING_VIEWERS) : `new ${index}`;
    const browser = Math.floor(random() * BROWSERS.length);
    yield {
      id: uuidv7({ msecs }),
      modelId: pickModel(),
      viewerIdentifier: viewerIdentifierOf(String(viewer), SALT),
      viewedAt: new Date(msecs).toISOString(),
      device: browser % 2 === 0 ? "desktop" : "mobile",
      browser: BROWSERS[browser],
      os: SYSTEMS[browser],
      referrerHost: "models.example",
    };
  }
}

/** Picks the n-th with a weight of 1/n. */
function zipf<Item>(items: readonly Item[], random: () => number): () => Item {
  const upTo: number[] = [];
  let total = 0;
  for (let rank = 1; rank <= items.length; rank += 1) {
    total += 1 / rank;
    upTo.push(total);
  }
  return () => {
    const wanted = random() * total;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    const item = items[low];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
}
