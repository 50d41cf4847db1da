import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import type { SentView } from "./ledger.ts";
import { VISITS } from "./visits.ts";

const MODELS = 40;
/** The least popular of them may be deleted: what is gone with a model cannot be compared any more. */
const MORTAL_MODELS = 8;
const VIEWERS = 3_000;
/** Milliseconds that a view may lie back when it is sent. */
const AGO_MS_MAX = 60_000;
/** The part of the views that say an address. */
const ADDRESS_PART = 0.5;

/** Makes views that look random and are the same for the same seed, but for their times. */
export type ViewMaker = {
  modelIds: readonly string[];
  /** Those that faults may delete for a while. */
  mortalModelIds: readonly string[];
  /** A view that ends up sent: `nowMs` is the clock's time, `sentAtMs` that of `performance.now()`. */
  next(times: { nowMs: number; sentAtMs: number }): SentView;
};

export function createViewMaker(seed: number): ViewMaker {
  const random = seededRandom(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  const modelIds = Array.from({ length: MODELS }, () => seededUuid(random));
  return {
    modelIds,
    mortalModelIds: modelIds.slice(-MORTAL_MODELS),
    next({ nowMs, sentAtMs }) {
      // The square makes some models popular: their rows are where the workers meet.
      const modelId = modelIds[Math.floor(random() ** 2 * MODELS)] ?? "";
      return {
        id: seededUuid(random),
        modelId,
        viewerIdentifier: `viewer ${upTo(VIEWERS)}`,
        viewedAtMs: Math.floor(nowMs - random() * AGO_MS_MAX),
        // Of a network for documentation: of no country.
        ipAddress: random() < ADDRESS_PART ? `192.0.2.${upTo(256)}` : null,
        visit: upTo(VISITS.length),
        sentAtMs,
        isAcknowledged: false,
        isBad: false,
      };
    },
  };
}

/** The view as a website's server posts it. */
export function postedView({
  id,
  modelId,
  viewerIdentifier,
  viewedAtMs,
  ipAddress,
  visit,
}: SentView): object {
  const { userAgent, referrer, path } = VISITS[visit] ?? {};
  return {
    id,
    modelId,
    viewerIdentifier,
    viewedAt: new Date(viewedAtMs).toISOString(),
    ...(ipAddress === null ? {} : { ipAddress }),
    userAgent,
    referrer,
    path,
  };
}
