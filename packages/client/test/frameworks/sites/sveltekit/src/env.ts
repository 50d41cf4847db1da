import { defineEnvVars } from "@sveltejs/kit/env";

/** Read when the server starts; a build needs none of them. */
const atRunTime = { schema: (value: string | undefined) => value };

export const variables = defineEnvVars({
  INGEST_URL: atRunTime,
  STATS_URL: atRunTime,
  SERVER_KEY: atRunTime,
  STATS_KEY: atRunTime,
  VIEWER_ID_SALT: atRunTime,
  MODEL_VIEWS_TIMEOUT_MS: atRunTime,
  MODELS: atRunTime,
  PUBLIC_INGEST_URL: { ...atRunTime, public: true },
});
