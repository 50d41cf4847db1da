import type { IngestDeps } from "../src/app.ts";
import { loadScript } from "../src/get-script.ts";
import { DEFAULT_PATHS } from "../src/paths.ts";

/** What a test of ingest needs that is about something else: the usual paths, and nothing reported. */
export const quiet = {
  paths: DEFAULT_PATHS,
  script: loadScript(DEFAULT_PATHS),
  warnings: () => [],
  onRequest: () => {},
  onRefusal: () => {},
  onRejected: () => {},
} satisfies Partial<IngestDeps>;
