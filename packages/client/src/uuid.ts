import { ModelViewsError } from "./model-views-error.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}

/** @throws {ModelViewsError} `invalid-argument` when ingest and the stats API would not accept it as a model's id. */
export function checkModelId(value: unknown, name: string): asserts value is string {
  if (!isUuid(value)) throw new ModelViewsError(`${name} must be a UUID`, { code: "invalid-argument" });
}
