import { ROLLUPS_DIFFER } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

const FINALIZE_HOUR = "packages/db/src/maintenance/finalize-hour.ts";
const FINALIZE_MODEL_DAYS = "packages/db/src/maintenance/finalize-model-days.ts";

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
    name: "days-counted-unlocked",
    what: "the days of models are not locked while their viewers are counted",
    services: ["worker"],
    scenario: "finalizing",
    breaks: ROLLUPS_DIFFER,
    edits: [
      {
        file: FINALIZE_MODEL_DAYS,
        find: "    for update of d skip locked for key share of m skip locked`);",
        put: "    `);",
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
        file: "packages/db/src/recording/record-views.ts",
        find: "where f.hour = late.hour\n",
        put: "where f.hour = late.hour and false\n",
      },
    ],
  },
];
