import { ROLLUPS_DIFFER } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

const FINALIZE_HOUR = "packages/db/src/maintenance/finalize-hour.ts";
const RECORD_VIEWS = "packages/db/src/recording/record-views.ts";

export const FINALIZING_MUTANTS: readonly Mutant[] = [
  {
    name: "hour-complete-all-the-same",
    what: "an hour counts as complete though a view was added while it was counted",
    services: ["worker"],
    scenario: "finalizing",
    breaks: ROLLUPS_DIFFER,
    edits: [
      {
        file: FINALIZE_HOUR,
        find: `      update finalized_hours set is_complete = true
      where hour = \${hour} and not`,
        put: `      insert into finalized_hours (hour, is_complete) values (\${hour}, true)
      on conflict (hour) do update set is_complete = true where not`,
      },
    ],
  },
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
