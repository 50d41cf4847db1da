import { describe, expect, test } from "vitest";
import { checkViews, type RejectedView, type StoredView } from "../src/check/check-views.ts";
import type { Deletion, Erasure, SentView } from "../src/load/ledger.ts";

const SENT: SentView = {
  id: "view",
  modelId: "model",
  viewerIdentifier: "viewer 1",
  viewedAtMs: Date.parse("2026-11-22T10:00:00.123Z"),
  ipAddress: null,
  visit: 1,
  sentAtMs: 1_000,
  isAcknowledged: true,
  isBad: false,
};

/** As it should be stored, by its visit. */
const STORED: StoredView = {
  id: "view",
  modelId: "model",
  viewedAtMs: SENT.viewedAtMs,
  fields: {
    viewerIdentifier: "viewer 1",
    viewedAtReplaced: false,
    ipAddress: null,
    country: null,
    device: "mobile",
    browser: "Safari",
    isBot: false,
  },
};

const REJECTED: RejectedView = { id: "view", modelId: "model", reason: "unknown_model", sqlstate: null };
const ERASURE: Erasure = { viewerIdentifier: "viewer 1", untilMs: SENT.viewedAtMs };
const DELETION: Deletion = { modelId: "model", beganAtMs: 500, overAtMs: 1_500 };

type Found = {
  sent?: Partial<SentView>;
  stored?: readonly StoredView[];
  rejected?: readonly RejectedView[];
  deletions?: readonly Deletion[];
  erasures?: readonly Erasure[];
};

/** The invariants that are violated when these rows are found for one acknowledged view. */
function violated({ sent = {}, stored = [], rejected = [], deletions = [], erasures = [] }: Found): string[] {
  const checker = checkViews(new Map([["view", { ...SENT, ...sent }]]), { deletions, erasures });
  for (const view of stored) checker.stored(view);
  for (const view of rejected) checker.rejected(view);
  return checker.finish().violations.map(({ invariant }) => invariant);
}

describe("nothing is violated when", () => {
  test.each<[string, Found]>([
    ["an acknowledged view is stored as it was sent", { stored: [STORED] }],
    ["a view that was not acknowledged is nowhere", { sent: { isAcknowledged: false } }],
    ["a view that was not acknowledged is stored", { sent: { isAcknowledged: false }, stored: [STORED] }],
    ["a view is deleted with its model, after it was sent", { deletions: [DELETION] }],
    ["a view of a deleted model is rejected", { rejected: [REJECTED], deletions: [DELETION] }],
    [
      "a view that was rejected meanwhile has no address any more",
      { sent: { ipAddress: "192.0.2.1" }, stored: [STORED], deletions: [DELETION] },
    ],
    ["a view is erased with its viewer", { erasures: [ERASURE] }],
    [
      "a view of an erased viewer is from after the erasure",
      { stored: [STORED], erasures: [{ ...ERASURE, untilMs: SENT.viewedAtMs - 1 }] },
    ],
    ["a bad view is rejected with its SQLSTATE", { sent: { isBad: true }, rejected: [refused("22021")] }],
  ])("%s", (_, found) => {
    expect(violated(found)).toEqual([]);
  });
});

describe("it is a violation when", () => {
  test.each<[string, string, Found]>([
    ["an acknowledged view is nowhere", "lost", {}],
    [
      "a view is nowhere, and its model was deleted before it was sent",
      "lost",
      { deletions: [{ ...DELETION, overAtMs: 900 }] },
    ],
    [
      "a view is nowhere, and another model was deleted",
      "lost",
      { deletions: [{ ...DELETION, modelId: "other" }] },
    ],
    ["a view of an erased viewer is stored", "kept-though-erased", { stored: [STORED], erasures: [ERASURE] }],
    [
      "a view of an erased viewer is rejected",
      "kept-though-erased",
      { rejected: [REJECTED], erasures: [ERASURE], deletions: [DELETION] },
    ],
    [
      "a view is nowhere, and another viewer was erased",
      "lost",
      { erasures: [{ ...ERASURE, viewerIdentifier: "viewer 2" }] },
    ],
    ["a bad view is nowhere", "lost", { sent: { isBad: true }, deletions: [DELETION] }],
    ["a view is stored twice", "doubled", { stored: [STORED, { ...STORED, viewedAtMs: 0 }] }],
    ["a view was never sent", "never-sent", { stored: [STORED, { ...STORED, id: "other" }] }],
    [
      "a view that was never sent is rejected",
      "never-sent",
      { stored: [STORED], rejected: [{ ...REJECTED, id: "other" }] },
    ],
    ["a field has another value", "changed", { stored: [withFields({ browser: "Chrome" })] }],
    ["a field is missing", "changed", { stored: [withFields({ device: null })] }],
    ["a field is there that was not sent", "changed", { stored: [withFields({ country: "DE" })] }],
    ["an address is lost", "changed", { sent: { ipAddress: "192.0.2.1" }, stored: [STORED] }],
    [
      "an address has another value",
      "changed",
      { stored: [withFields({ ipAddress: "192.0.2.2" })], deletions: [DELETION] },
    ],
    ["a time was replaced", "changed", { stored: [withFields({ viewedAtReplaced: true })] }],
    ["a millisecond is lost", "changed", { stored: [{ ...STORED, viewedAtMs: SENT.viewedAtMs - 123 }] }],
    ["it is of another model", "changed", { stored: [{ ...STORED, modelId: "other" }] }],
    ["a good view is rejected", "wrongly-rejected", { rejected: [REJECTED] }],
    [
      "a good view of a deleted model is rejected for another reason",
      "wrongly-rejected",
      { rejected: [refused("23505")], deletions: [DELETION] },
    ],
    [
      "a view is stored and rejected",
      "both-stored-and-rejected",
      { stored: [STORED], rejected: [REJECTED], deletions: [DELETION] },
    ],
    ["a bad view has no SQLSTATE", "bad-view-unnamed", { sent: { isBad: true }, rejected: [REJECTED] }],
    ["a bad view is stored", "bad-view-unnamed", { sent: { isBad: true }, stored: [STORED] }],
  ])("%s", (_, invariant, found) => {
    expect(violated(found)).toEqual([invariant]);
  });
});

function withFields(fields: Record<string, unknown>): StoredView {
  return { ...STORED, fields: { ...STORED.fields, ...fields } };
}

function refused(sqlstate: string): RejectedView {
  return { ...REJECTED, reason: "refused", sqlstate };
}
