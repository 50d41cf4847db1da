import type { ValueFilter } from "@model-views/db/audiences/grouping.ts";
import { FIELDS } from "./breakdown.ts";
import type { OracleStore } from "./store.ts";

/** The store as if it had only the views with these values. To be asked where retention has removed nothing. */
export function withValues(store: OracleStore, filters: readonly ValueFilter[]): OracleStore {
  const models = [...store.models].map(([id, model]) => {
    const views = [...model.views].filter(([, { event }]) =>
      filters.every(({ dimension, value }) => (event[FIELDS[dimension]] ?? null) === value),
    );
    return [id, { ...model, views: new Map(views) }] as const;
  });
  const copy: OracleStore = Object.create(Object.getPrototypeOf(store));
  return Object.assign(copy, store, { models: new Map(models) });
}
