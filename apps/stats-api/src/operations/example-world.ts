/** What there is when the examples are asked: `test/example-world.ts` makes it so. */
export const AS_OF = "2026-11-22T12:00:00.000Z";

export const ANNA = "00000000-0000-4000-8000-000000000001";
export const BELLA = "00000000-0000-4000-8000-000000000002";
/** Nobody has viewed her. */
export const CARLA = "00000000-0000-4000-8000-000000000003";
/** No model has this id. */
export const NOBODY = "00000000-0000-4000-8000-000000000009";

/** All time, as the rollups tell it. */
export const ANNA_FIGURES = {
  modelId: ANNA,
  totalViews: 3,
  uniqueViews: 2,
  lastViewedAt: "2026-11-22T11:57:00.000Z",
};
export const BELLA_FIGURES = {
  modelId: BELLA,
  totalViews: 1,
  uniqueViews: 1,
  lastViewedAt: "2026-11-22T11:58:00.000Z",
};

/** `404` of {@link NOBODY}. */
export const UNKNOWN_MODEL = {
  type: "urn:model-views:problem:unknown-model",
  title: "There is no such model",
  status: 404,
  detail: `There is no model ${NOBODY}`,
};

/** `422` that names one field. */
export function invalid(path: string, message: string) {
  return {
    type: "urn:model-views:problem:invalid-request",
    title: "The request is not valid",
    status: 422,
    detail: `Not valid: ${path}`,
    errors: [{ path, message }],
  };
}
