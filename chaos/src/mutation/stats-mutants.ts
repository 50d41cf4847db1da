import { READERS_HELD_UP, STATS_UNANSWERED } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

export const STATS_MUTANTS: readonly Mutant[] = [
  {
    name: "rows-of-a-reader-who-left",
    what: "a read for a client that has left keeps its connection to PostgreSQL",
    services: ["stats-api"],
    scenario: "readers",
    breaks: STATS_UNANSWERED,
    edits: [
      {
        file: "apps/stats-api/src/http/send-rows.ts",
        find: "    await rest.return(undefined);",
        put: "    void rest;",
      },
    ],
  },
  {
    name: "exports-in-the-way",
    what: "exports take the connections that questions need",
    services: ["stats-api"],
    scenario: "readers",
    breaks: READERS_HELD_UP,
    edits: [
      {
        file: "apps/stats-api/src/routes/viewers.ts",
        find: "{ adminDb, now }:",
        put: "{ db: adminDb, now }:",
      },
      // The role for questions may not read all that is exported.
      {
        file: "apps/stats-api/src/open-stores.ts",
        find: "databaseUrl: config.STATS_DATABASE_URL ?? config.DATABASE_URL,",
        put: "databaseUrl: config.DATABASE_URL,",
      },
    ],
  },
];
