/** What the database contains when the document's examples are requested: `test/openapi/example-data.ts` records it. */
export const AS_OF = "2026-11-22T12:00:00.000Z";

export const ANNA = "00000000-0000-4000-8000-000000000001";
export const BELLA = "00000000-0000-4000-8000-000000000002";
/** A model without views. */
export const CARLA = "00000000-0000-4000-8000-000000000003";
/** No model has this id. */
export const UNKNOWN_ID = "00000000-0000-4000-8000-000000000009";

/** Of all time. */
export const ANNA_STATS = {
  modelId: ANNA,
  totalViews: 3,
  uniqueViews: 2,
  lastViewedAt: "2026-11-22T11:57:00.000Z",
};
export const BELLA_STATS = {
  modelId: BELLA,
  totalViews: 1,
  uniqueViews: 1,
  lastViewedAt: "2026-11-22T11:58:00.000Z",
};

/** In top lists. */
export const ANNA_RANKED = { ...ANNA_STATS, name: "Anna", category: "women" };
export const BELLA_RANKED = { ...BELLA_STATS, name: "Bella", category: "women" };
export const ANNA_HOT = {
  ...ANNA_RANKED,
  score: 2.74456954,
  why: {
    views: 3,
    hours: 168,
    usual: null,
    days: 0,
    text: "3 views in the last 7 days; there is no earlier day to compare with",
  },
};
export const ANNA_RISING = {
  ...ANNA_RANKED,
  score: 0.262076423,
  why: {
    views: 2,
    hours: 24,
    usual: 1,
    days: 1,
    text: "2 views in the last 24 hours, usually 1 (by 1 day of history)",
  },
};
export const BELLA_RISING = {
  ...BELLA_RANKED,
  score: 0,
  why: {
    views: 1,
    hours: 24,
    usual: null,
    days: 0,
    text: "1 view in the last 24 hours; there is no earlier day to compare with",
  },
};

/** A period of two days, and Anna's stats of it. */
export const TWO_DAYS = { from: "2026-11-20", to: "2026-11-22", tz: "Europe/Berlin" };
export const TWO_DAYS_RESOLVED = {
  from: "2026-11-19T23:00:00.000Z",
  to: "2026-11-21T23:00:00.000Z",
  asOf: AS_OF,
};
export const ANNA_OF_TWO_DAYS = {
  modelId: ANNA,
  totalViews: 2,
  uniqueViews: 1,
  lastViewedAt: "2026-11-21T18:30:00.000Z",
};

/** A period of three days. */
export const THREE_DAYS = { from: "2026-11-20", to: "2026-11-23" };
export const THREE_DAYS_RESOLVED = {
  tz: "UTC",
  from: "2026-11-20T00:00:00.000Z",
  to: "2026-11-23T00:00:00.000Z",
};

/** The `404` for {@link UNKNOWN_ID}. */
export const UNKNOWN_MODEL = {
  summary: "No such model",
  status: 404,
  answer: {
    type: "urn:model-views:problem:unknown-model",
    title: "There is no such model",
    status: 404,
    detail: `There is no model ${UNKNOWN_ID}`,
  },
};

/** A `422` that names one parameter. */
export function invalid(path: string, message: string) {
  return {
    type: "urn:model-views:problem:invalid-request",
    title: "The request is not valid",
    status: 422,
    detail: `Not valid: ${path}`,
    errors: [{ path, message }],
  };
}

/** CSV as it is sent. */
export function csv(...lines: readonly string[]): string {
  return lines.map((line) => `${line}\r\n`).join("");
}

/** A failed job, as it is listed. */
export const FAILED_JOB = {
  id: "00000000-0000-4000-8000-0000000000f1",
  failedAt: "2026-11-22T11:30:00.000Z",
  reason: "the other views are recorded, but not view 0: modelId Invalid GUID",
  readableViews: 0,
  isWorthRetrying: false,
};
