import { MIGRATIONS_FOLDER, readMigrations } from "@model-views/db/migrate/migrations.ts";
import { watchSources } from "./watch-sources.ts";

/**
 * Reports each migration that is added while `npm run dev` runs, with what to do. It is not run at once: what drizzle-kit writes
 * is to be read first, and a migration that ran does not run again after a change.
 *
 * Returns a function that stops it.
 */
export function watchMigrations(say: (message: string) => void, folder = MIGRATIONS_FOLDER): () => void {
  const known = new Set(readMigrations(folder).map(({ tag }) => tag));
  return watchSources([folder], reportNew, (error) => say(`new migrations may be missed: ${error}`));

  function reportNew(): void {
    try {
      for (const { tag } of readMigrations(folder)) {
        if (known.has(tag)) continue;
        known.add(tag);
        say(`a new migration, ${tag}: read its SQL, then run npm run migrate in another terminal`);
      }
    } catch (error) {
      say(`the migrations cannot be read: ${error}`);
    }
  }
}
