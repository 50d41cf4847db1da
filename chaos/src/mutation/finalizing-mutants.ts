import { ROLLUPS_DIFFER } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

const RECORD_VIEWS = "packages/db/src/recording/record-views.ts";

export const FINALIZING_MUTANTS: readonly Mutant[] = [
  {
    name: "day-not-opened",
    what: "a late view leaves its day finalized",
    services: ["worker"],
    scenario: "finalizing",
    breaks: ROLLUPS_DIFFER,
    edits: [
      {
        file: RECORD_VIEWS,
        find: "do update set views = d.views + excluded.views, viewers = null",
        put: "do update set views = d.views + excluded.views",
      },
    ],
  },
  {
    name: "hour-not-taken-out",
    what: "a late view leaves its hour complete",
    services: ["worker"],
    scenario: "finalizing",
    breaks: ROLLUPS_DIFFER,
    edits: [
      {
        file: RECORD_VIEWS,
        find: "where f.hour = late.hour\n",
        put: "where f.hour = late.hour and false\n",
      },
    ],
  },
];
