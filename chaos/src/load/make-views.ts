import { seededRandom, seededUuid } from "@model-views/lab/random.ts";
import type { SentView } from "./ledger.ts";
import { VISITS } from "./visits.ts";

const MODELS = 40;
/** The least popular of them may be deleted: views that are deleted with a model cannot be checked. */
const DELETABLE_MODELS = 8;
const VIEWERS = 3_000;
/** Viewers who may be erased: whether their views were stored before cannot be checked. */
const ERASABLE_VIEWERS = 20;
const ERASABLE_SHARE = 0.03;
/** The greatest age of a view that is not late, in milliseconds, when it is sent. */
const AGO_MS_MAX = 60_000;
/** The share of the views that are late, of days and hours that are finalized. */
const LATE_SHARE = 0.25;
const HOUR_MS = 3_600_000;
/** The latest hour with late views: over, and long enough ago. A server may post views of seven days. */
const LATE_HOURS_MIN = 2;
/** The hours with late views: few, because checking each of them takes a while. */
const LATE_HOURS = 64;
/** Milliseconds until the late views are of another hour, so that it is often the last one that comes while an hour is finalized. */
const LATE_HOUR_MS = 250;
/** The share of the views with an address. */
const ADDRESS_SHARE = 0.5;

/** Makes views that look random. The same seed makes the same views, except for their times. */
export type ViewMaker = {
  modelIds: readonly string[];
  /** The models that faults delete for a while. */
  deletableModelIds: readonly string[];
  /** The viewers whom faults erase. */
  erasableViewers: readonly string[];
  /** The next view: `nowMs` is the clock's time, `sentAtMs` that of `performance.now()`. */
  next(times: { nowMs: number; sentAtMs: number }): SentView;
};

export function createViewMaker(seed: number): ViewMaker {
  const random = seededRandom(seed);
  const upTo = (count: number) => Math.floor(random() * count);
  let beganAtMs: number | undefined;
  /** Hours whose late views come now. */
  const lateAgoMs = (sentAtMs: number) => {
    beganAtMs ??= sentAtMs;
    const hour = Math.floor((sentAtMs - beganAtMs) / LATE_HOUR_MS) % LATE_HOURS;
    return (LATE_HOURS_MIN + hour + random()) * HOUR_MS;
  };
  const modelIds = Array.from({ length: MODELS }, () => seededUuid(random));
  const erasableViewers = Array.from({ length: ERASABLE_VIEWERS }, (_, nth) => `erasable viewer ${nth}`);
  return {
    modelIds,
    deletableModelIds: modelIds.slice(-DELETABLE_MODELS),
    erasableViewers,
    next({ nowMs, sentAtMs }) {
      // The square makes some models popular: their rows are where the workers meet.
      const modelId = modelIds[Math.floor(random() ** 2 * MODELS)] ?? "";
      return {
        id: seededUuid(random),
        modelId,
        viewerIdentifier:
          random() < ERASABLE_SHARE
            ? (erasableViewers[upTo(ERASABLE_VIEWERS)] ?? "")
            : `viewer ${upTo(VIEWERS)}`,
        viewedAtMs: Math.floor(nowMs - (random() < LATE_SHARE ? lateAgoMs(sentAtMs) : random() * AGO_MS_MAX)),
        // Of a network for documentation, which has no country.
        ipAddress: random() < ADDRESS_SHARE ? `192.0.2.${upTo(256)}` : null,
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
