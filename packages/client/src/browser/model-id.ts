import { warnOnce } from "./warn-once.ts";

/** A model's id in lower case, so two spellings of it are the same model; empty where it is not a UUID. */
export function modelIdOf(written: string): string {
  const id = written.trim().toLowerCase();
  // Enough to recognise a slug, a number or a template that was not filled in; ingest checks the rest.
  if (/^[\da-f-]{36}$/.test(id)) return id;
  if (id) warnOnce(`no UUID: ${id}`);
  return "";
}
