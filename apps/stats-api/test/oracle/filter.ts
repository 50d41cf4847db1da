import type { ValueFilter } from "@model-views/db/audiences/stored-audiences.ts";
import { FIELDS } from "./breakdown.ts";
import type { OracleStore } from "./store.ts";

/** The store as if it had only the views with this value. To be asked where retention has removed nothing. */
export function withValue(store: OracleStore, { dimension, value }: ValueFilter): OracleStore {
  const models = [...store.models].map(([id, model]) => {
    const views = [...model.views].filter(([, { event }]) => (event[FIELDS[dimension]] ?? null) === value);
    return [id, { ...model, views: new Map(views) }] as const;
  });
  const copy: OracleStore = Object.create(Object.getPrototypeOf(store));
  return Object.assign(copy, store, { models: new Map(models) });
}
