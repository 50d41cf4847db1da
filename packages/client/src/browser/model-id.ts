import { warnOnce } from "./warn-once.ts";

/** The one spelling of a model's id, so that two spellings of a model are one; empty where there is none. */
export function modelIdOf(written: string): string {
  const id = written.trim().toLowerCase();
  // Enough to tell an id from a slug, a number or a template that was not filled in; ingest judges the rest.
  if (/^[\da-f-]{36}$/.test(id)) return id;
  if (id) warnOnce(`no UUID: ${id}`);
  return "";
}
