import type { Deletion, Erasure, Ledger, SentView } from "../load/ledger.ts";
import { VISITS } from "../load/visits.ts";

/** A row of `model_views`, with times as milliseconds. */
export type StoredView = {
  id: string;
  modelId: string;
  viewedAtMs: number;
  /** Every other field, by the names of a view; null where there is none. */
  fields: Record<string, unknown>;
};

/** A row of `rejected_views`. */
export type RejectedView = { id: string; modelId: string; reason: string; sqlstate: string | null };

/** What is wrong when a view breaks one of the rules, by the name of the rule. */
export const INVARIANTS = {
  lost: "acknowledged views that are neither stored nor rejected",
  doubled: "views that are stored twice",
  "never-sent": "views that are stored but were never sent",
  changed: "views whose fields differ from what was sent",
  "wrongly-rejected": "good views that are rejected though their model was not deleted",
  "both-stored-and-rejected": "views that are stored and rejected",
  "kept-though-erased": "views of erased viewers that are stored or rejected",
  "bad-view-unnamed": "bad views that are stored, or rejected without a SQLSTATE",
} as const;
export type Invariant = keyof typeof INVARIANTS;

export type Violation = { invariant: Invariant; view: string; what: string };

export type CheckedViews = {
  violations: Violation[];
  /** Views that may have been deleted with their model. */
  goneWithModel: number;
  /** Views that may have been erased with their viewer. */
  goneWithViewer: number;
  /** Good views that are still rejected, all of models that were deleted. */
  rejected: number;
  badRejected: number;
  stored: number;
};

export type ViewsChecker = {
  stored(view: StoredView): void;
  rejected(view: RejectedView): void;
  /** To be called after the last row. */
  finish(): CheckedViews;
};

const UNKNOWN_MODEL = "unknown_model";

/** Compares the views that were sent with the rows in the database, one row at a time to save memory. */
export function checkViews(
  sent: Ledger,
  { deletions, erasures }: { deletions: readonly Deletion[]; erasures: readonly Erasure[] },
): ViewsChecker {
  const violations: Violation[] = [];
  const storedIds = new Set<string>();
  const rejectedIds = new Set<string>();
  const found: Omit<CheckedViews, "violations"> = {
    goneWithModel: 0,
    goneWithViewer: 0,
    rejected: 0,
    badRejected: 0,
    stored: 0,
  };
  const wrong = (invariant: Invariant, view: string, what: string) =>
    void violations.push({ invariant, view, what });

  function wasDeletedAfter({ modelId, sentAtMs }: SentView): boolean {
    return deletions.some((deletion) => deletion.modelId === modelId && deletion.overAtMs >= sentAtMs);
  }

  function isErased({ viewerIdentifier, viewedAtMs }: SentView): boolean {
    return erasures.some(
      (erasure) => erasure.viewerIdentifier === viewerIdentifier && erasure.untilMs >= viewedAtMs,
    );
  }

  function wasEverDeleted({ modelId }: SentView): boolean {
    return deletions.some((deletion) => deletion.modelId === modelId);
  }

  return {
    stored(view) {
      found.stored += 1;
      const was = sent.get(view.id);
      if (was === undefined) return wrong("never-sent", view.id, `of model ${view.modelId}`);
      if (storedIds.has(view.id)) return wrong("doubled", view.id, `at ${instant(view.viewedAtMs)}`);
      storedIds.add(view.id);
      if (isErased(was)) return wrong("kept-though-erased", view.id, "is stored");
      if (was.isBad) return wrong("bad-view-unnamed", view.id, "is stored");
      const changes = differences(was, view, wasEverDeleted(was));
      if (changes.length > 0) wrong("changed", view.id, changes.join(", "));
    },
    rejected({ id, modelId, reason, sqlstate }) {
      const was = sent.get(id);
      if (was === undefined) return wrong("never-sent", id, `rejected as ${reason}, of model ${modelId}`);
      rejectedIds.add(id);
      if (isErased(was)) return wrong("kept-though-erased", id, `is rejected as ${reason}`);
      if (was.isBad) {
        found.badRejected += 1;
        if (sqlstate === null) wrong("bad-view-unnamed", id, `is rejected as ${reason} with no SQLSTATE`);
        return;
      }
      found.rejected += 1;
      if (reason !== UNKNOWN_MODEL || !wasEverDeleted(was))
        wrong("wrongly-rejected", id, `as ${reason} ${sqlstate ?? ""}`.trim());
    },
    finish() {
      for (const view of sent.values()) {
        const [isStored, isRejected] = [storedIds.has(view.id), rejectedIds.has(view.id)];
        if (isStored && isRejected) wrong("both-stored-and-rejected", view.id, `of model ${view.modelId}`);
        if (isStored || isRejected || !view.isAcknowledged) continue;
        if (isErased(view)) found.goneWithViewer += 1;
        else if (!view.isBad && wasDeletedAfter(view)) found.goneWithModel += 1;
        else wrong("lost", view.id, `of model ${view.modelId}, viewed at ${instant(view.viewedAtMs)}`);
      }
      return { violations, ...found };
    },
  };
}

/** @param wasRejected whether it may have been rejected before: rejected views are kept without their address. */
function differences(was: SentView, view: StoredView, wasRejected: boolean): string[] {
  const expected: Record<string, unknown> = {
    ...VISITS[was.visit]?.stored,
    viewerIdentifier: was.viewerIdentifier,
    ipAddress: was.ipAddress,
  };
  const changes = Object.entries(view.fields).flatMap(([name, value]) => {
    if (name === "ipAddress" && value === null && wasRejected) return [];
    const should = expected[name] ?? (typeof value === "boolean" ? false : null);
    return should === value ? [] : [`${name} is ${JSON.stringify(value)} and was ${JSON.stringify(should)}`];
  });
  if (was.modelId !== view.modelId) changes.push(`modelId is ${view.modelId} and was ${was.modelId}`);
  if (was.viewedAtMs !== view.viewedAtMs) {
    changes.push(`viewedAt is ${instant(view.viewedAtMs)} and was ${instant(was.viewedAtMs)}`);
  }
  return changes;
}

const instant = (ms: number) => (Number.isNaN(ms) ? "an instant before 0000" : new Date(ms).toISOString());
