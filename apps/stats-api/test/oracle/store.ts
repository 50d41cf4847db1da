import type { ViewEvent } from "@model-views/shared/contracts/view-event.ts";
import { OracleCalendar } from "./calendar.ts";
import { utcMonth } from "./clock.ts";
import { finalize, type ManyViews, OracleFinalized, openDay, viewsByDay } from "./finalize.ts";

/** A view that is or was stored. */
export type StoredView = {
  event: ViewEvent;
  at: number;
  /** When it was recorded at the earliest and latest, by PostgreSQL's clock. */
  recorded: Recorded;
  isBot: boolean;
  /** The life of the viewer with the model. A new one begins when the viewer is pruned or erased. */
  life: number;
  /** Who viewed, across models: the viewer, who begins anew once no model knows them any more. */
  who: string;
  /** Retention has removed it, and it still counts. */
  isRemoved: boolean;
};

export type OracleModel = {
  id: string;
  name: string;
  category: string | null;
  views: Map<string, StoredView>;
  /** The current life of each viewer who has had others. */
  lives: Map<string, number>;
  /** The last view that counts, as far as its time is stored. */
  last: number | undefined;
  /** Days that are finalized, and whether their values are stored; likewise months. */
  days: Map<number, { hasValues: boolean }>;
  monthsWithValues: Set<number>;
};

/** The result of a batch, as `recordViews` returns it. */
export type Result = {
  unkept: number;
  inserted: number;
  duplicates: number;
  rejected: number;
  erased: number;
};

export type Recorded = { from: number; to: number };

/** What retention finalizes has values only of so many views: more than these tests record. */
const MANY_VIEWS: ManyViews = { day: 1_000, month: 5_000 };

/** Milliseconds after an erasure in which views of the viewer are not stored. */
const ERASED_FOR_MS = 5 * 60_000;

const identityOf = ({ viewedAt, id }: ViewEvent) => `${viewedAt} ${id}`;

/** What should be stored: every view by itself, and no numbers that follow from counting. */
export class OracleStore {
  readonly models = new Map<string, OracleModel>();
  /** Starts of the months of which retention has removed views. */
  readonly retired = new Set<number>();
  readonly finalized = new OracleFinalized();
  calendar = new OracleCalendar();
  /** How often each viewer has begun anew. */
  readonly forgotten = new Map<string, number>();
  readonly #erasedUntil = new Map<string, number>();
  /** Rejected views, and whether their model was unknown. */
  readonly #rejected = new Map<string, { event: ViewEvent; isUnknown: boolean }>();

  putModel(id: string, { name, category }: { name: string; category: string | null }): void {
    const model = this.models.get(id);
    if (model !== undefined) Object.assign(model, { name, category });
    else {
      const empty = {
        views: new Map(),
        lives: new Map(),
        days: new Map(),
        monthsWithValues: new Set<number>(),
      };
      this.models.set(id, { id, name, category, last: undefined, ...empty });
    }
  }

  deleteModel(id: string): boolean {
    const model = this.models.get(id);
    if (model === undefined) return false;
    for (const day of viewsByDay(this.calendar, model).keys()) this.finalized.changedDays.add(day);
    return this.models.delete(id);
  }

  record(events: readonly ViewEvent[], recorded: Recorded): Result {
    const result = { unkept: 0, inserted: 0, duplicates: 0, rejected: 0, erased: 0 };
    for (const event of events) result[this.#recordOne(event, recorded)] += 1;
    return result;
  }

  #recordOne(event: ViewEvent, recorded: Recorded): keyof Result {
    const at = Date.parse(event.viewedAt);
    if ((this.#erasedUntil.get(event.viewerIdentifier) ?? -1) >= at) return "erased";
    const isRetired = this.retired.has(utcMonth(at));
    const model = this.models.get(event.modelId);
    const identity = identityOf(event);
    if (isRetired || model === undefined) {
      const key = `${event.modelId} ${identity}`;
      if (this.#rejected.has(key)) return "duplicates";
      this.#rejected.set(key, { event, isUnknown: !isRetired });
      return "rejected";
    }
    if (model.views.has(identity)) return "duplicates";
    const life = model.lives.get(event.viewerIdentifier) ?? 0;
    const isBot = event.isBot ?? false;
    const who = this.whoIs(event.viewerIdentifier);
    model.views.set(identity, { event, at, recorded, isBot, life, who, isRemoved: false });
    if (!isBot) {
      model.last = Math.max(model.last ?? at, at);
      openDay(this, model, this.calendar.dayOf(at));
    }
    return "inserted";
  }

  /** Records the rejected views of models that exist now. */
  redrive(recorded: Recorded): void {
    for (const [key, { event, isUnknown }] of [...this.#rejected]) {
      if (!isUnknown || !this.models.has(event.modelId)) continue;
      this.#rejected.delete(key);
      this.#recordOne(event, recorded);
    }
  }

  /** Returns how many views are deleted. `now` is the story's time, and `recorded` PostgreSQL's. */
  erase(viewer: string, now: number, recorded: Recorded): number {
    const until = now + ERASED_FOR_MS;
    this.#erasedUntil.set(viewer, Math.max(this.#erasedUntil.get(viewer) ?? until, until));
    for (const [key, { event }] of [...this.#rejected]) {
      if (event.viewerIdentifier === viewer) this.#rejected.delete(key);
    }
    let erased = 0;
    for (const model of this.models.values()) {
      const gone = [...model.views].filter(
        ([, { event, isRemoved }]) => event.viewerIdentifier === viewer && !isRemoved,
      );
      const counted = gone.filter(([, { isBot }]) => !isBot).map(([, { at }]) => at);
      const lastGone = Math.max(...counted);
      for (const [identity] of gone) model.views.delete(identity);
      if (gone.length > 0)
        for (const view of model.views.values()) view.recorded = recordedAgain(view, recorded);
      for (const at of counted) openDay(this, model, this.calendar.dayOf(at));
      erased += gone.length;
      beginLife(model, viewer);
      if (lastGone === model.last) model.last = lastKnown(this, model);
    }
    this.#forget(viewer);
    return erased;
  }

  /** Who a viewer is now, across models. */
  whoIs(viewer: string): string {
    return `${viewer} ${this.forgotten.get(viewer) ?? 0}`;
  }

  #forget(viewer: string): void {
    this.forgotten.set(viewer, (this.forgotten.get(viewer) ?? 0) + 1);
  }

  /** Finalizes what is over, removes whole months before this instant, and prunes viewers who have not viewed a model since. */
  retain(cutoff: number, now: number): void {
    finalize(this, { now, manyViews: MANY_VIEWS });
    for (const { views } of this.models.values()) {
      for (const [identity, view] of [...views]) {
        if (view.at >= cutoff || view.isRemoved) continue;
        this.retired.add(utcMonth(view.at));
        if (view.isBot) views.delete(identity);
        else view.isRemoved = true;
      }
    }
    for (const model of this.models.values()) {
      for (const [viewer, views] of knownViewers(model)) {
        if (views.every(({ at }) => at < cutoff)) beginLife(model, viewer);
      }
    }
    const known = new Set([...this.models.values()].flatMap((model) => [...knownViewers(model).keys()]));
    const viewers = [...this.models.values()]
      .flatMap(countedViews)
      .map(({ event }) => event.viewerIdentifier);
    for (const viewer of new Set(viewers)) if (!known.has(viewer)) this.#forget(viewer);
  }
}

/** The views that count: all but those of bots. */
export function countedViews({ views }: OracleModel): StoredView[] {
  return [...views.values()].filter(({ isBot }) => !isBot);
}

/** The viewers of a model who are stored, without bots, each with the views of the current life. */
export function knownViewers(model: OracleModel): Map<string, StoredView[]> {
  const isOfThisLife = ({ event, life }: StoredView) =>
    life === (model.lives.get(event.viewerIdentifier) ?? 0);
  return Map.groupBy(countedViews(model).filter(isOfThisLife), ({ event }) => event.viewerIdentifier);
}

/**
 * After an erasure scores are counted anew, or the erased views are subtracted: both at the time of the erasure, for views that
 * are ahead of PostgreSQL's clock.
 */
function recordedAgain({ recorded: { from } }: StoredView, { to }: Recorded): Recorded {
  return { from: from - (to - from), to };
}

function beginLife({ lives }: OracleModel, viewer: string): void {
  lives.set(viewer, (lives.get(viewer) ?? 0) + 1);
}

/** After an erasure: the latest view of a stored viewer on the last day with views, or else the start of that day. */
function lastKnown({ calendar }: OracleStore, model: OracleModel): number | undefined {
  const counted = countedViews(model);
  if (counted.length === 0) return undefined;
  const lastDay = Math.max(...counted.map(({ at }) => calendar.dayOf(at)));
  const known = [...knownViewers(model).values()].flat().map(({ at }) => at);
  return Math.max(calendar.startOf(lastDay), ...known);
}
