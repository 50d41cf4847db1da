import { INVARIANTS } from "../check/check-views.ts";
import { EMPTY, JOBS_FAILED, LATER_GONE, ROLLUPS_DIFFER, UNACCOUNTED } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

const RECORD_JOBS = "apps/worker/src/recording/record-jobs.ts";
const RECORD_VIEWS = "packages/db/src/recording/record-views.ts";
const QUEUE = "packages/shared/src/contracts/views-queue.ts";

export const WORKER_MUTANTS: readonly Mutant[] = [
  {
    name: "no-on-conflict",
    what: "a view that comes again is an error",
    services: ["worker"],
    scenario: "worker-kills",
    breaks: INVARIANTS["wrongly-rejected"],
    edits: [
      {
        file: RECORD_VIEWS,
        find: "  on conflict do nothing\n  returning model_id, viewer_identifier, viewed_at, is_bot",
        put: "  returning model_id, viewer_identifier, viewed_at, is_bot",
      },
    ],
  },
  {
    name: "complete-before-commit",
    what: "a job is completed before its views are committed",
    services: ["worker"],
    scenario: "worker-kills",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: RECORD_JOBS,
        find: "await record({ views, account });",
        put: "record({ views, account }).catch(() => {});",
      },
    ],
  },
  {
    name: "rollups-outside-statement",
    what: "the days are counted by a second statement",
    services: ["worker"],
    scenario: "worker-kills",
    breaks: ROLLUPS_DIFFER,
    edits: [
      {
        file: RECORD_VIEWS,
        find: `), days as (
  insert into model_days as d (model_id, day, views)
  select model_id, day, count(*) from (\${withDayText("(select model_id, viewed_at from counted)")}) v group by 1, 2 order by 1, 2
  on conflict (model_id, day) do update set views = d.views + excluded.views, viewers = null
), unstored as (`,
        put: "), unstored as (",
      },
      {
        file: RECORD_VIEWS,
        find: "select inserted, rejected, unkept, erased from outcome",
        put: "select (select coalesce(json_agg(c), '[]') from counted c)::text as counted, inserted, rejected, unkept, erased from outcome",
      },
      {
        file: RECORD_VIEWS,
        find: "  const { inserted, rejected, unkept, erased } = outcome;",
        put: `  const { inserted, rejected, unkept, erased } = outcome;
  const { counted = "[]" } = outcome as { counted?: string };
  await pool.query(
    \`insert into model_days as d (model_id, day, views)
     select model_id, (viewed_at at time zone 'utc')::date, count(*)
     from json_to_recordset($1::json) as c(model_id uuid, viewed_at timestamptz) group by 1, 2 order by 1, 2
     on conflict (model_id, day) do update set views = d.views + excluded.views, viewers = null\`,
    [counted],
  );`,
      },
    ],
  },
  {
    name: "recording-not-accounted",
    what: "a job that is recorded is not counted",
    services: ["worker"],
    scenario: "worker-kills",
    breaks: UNACCOUNTED,
    edits: [
      {
        file: "apps/worker/src/recording/batch-recorder.ts",
        find: "recordBisecting(views, accounts, options)",
        put: "recordBisecting(views, accounts.slice(1), options)",
      },
    ],
  },
  {
    name: "each-delivery-accounted",
    what: "a job that is delivered again, because its worker was killed, is counted again",
    services: ["worker"],
    scenario: "worker-kills",
    breaks: UNACCOUNTED,
    edits: [
      {
        file: "packages/db/src/recording/account-jobs.ts",
        find: "on conflict do nothing\n  returning views",
        put: "on conflict (id) do update set views = excluded.views\n  returning views",
      },
    ],
  },
  {
    name: "stalled-count-of-one",
    what: "a job fails when two workers die of it",
    services: ["worker"],
    scenario: "same-job",
    breaks: JOBS_FAILED,
    edits: [{ file: QUEUE, find: "maxStalledCount: 1_000,", put: "maxStalledCount: 1," }],
  },
  {
    name: "failed-jobs-removed",
    what: "a job that fails is removed, and fails when two workers die of it",
    services: ["ingest", "worker"],
    scenario: "same-job",
    breaks: INVARIANTS.lost,
    edits: [
      { file: QUEUE, find: "removeOnFail: false,", put: "removeOnFail: true," },
      { file: QUEUE, find: "maxStalledCount: 1_000,", put: "maxStalledCount: 1," },
    ],
  },
  {
    name: "no-bisecting",
    what: "a batch with a bad view is not split",
    services: ["worker"],
    scenario: "bad-views",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/worker/src/recording/record-bisecting.ts",
        find: 'if (kind !== "data" || sqlstate === undefined || view === undefined) throw error;',
        put: "if (kind !== undefined || sqlstate === undefined || view === undefined) throw error;",
      },
    ],
  },
  {
    name: "given-back-by-own-clock",
    what: "a job that could not be recorded is delayed by the worker's clock, even if that is wrong",
    services: ["worker"],
    scenario: "clocks",
    breaks: EMPTY,
    edits: [
      {
        file: RECORD_JOBS,
        find: "(await redisTime(redis)).getTime() + ms",
        put: "Date.now() + ms",
      },
      {
        file: "apps/worker/src/queue/delayed-jobs.ts",
        find: "for (const id of [...ahead, ...overdue])",
        put: "for (const id of [] as string[])",
      },
    ],
  },
  {
    name: "full-disk-taken-for-recorded",
    what: "a job is completed though PostgreSQL's disk had no room for its views",
    services: ["worker"],
    scenario: "postgres-disk",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: RECORD_JOBS,
        find: "onUnrecorded(error);\n      await giveBack(job, token, RETRY_MS);",
        put: `onUnrecorded(error);
      if ((error as { code?: string }).code !== "53100") await giveBack(job, token, RETRY_MS);`,
      },
    ],
  },
  {
    name: "missing-right-blamed-on-views",
    what: "a right that the worker lacks counts as a fault of the views",
    services: ["worker"],
    scenario: "rights",
    breaks: INVARIANTS["wrongly-rejected"],
    edits: [
      {
        file: "packages/db/src/postgres/failure.ts",
        find: "const DATA = /^(22|23)|",
        put: "const DATA = /^(22|23|42)|",
      },
    ],
  },
  {
    name: "erased-viewers-recorded",
    what: "views of erased viewers are recorded when they come later",
    services: ["worker"],
    scenario: "erasures",
    breaks: INVARIANTS["kept-though-erased"],
    edits: [
      {
        file: RECORD_VIEWS,
        find: "select from erased_viewers where until >= g.viewed_at",
        put: "select from erased_viewers where false and until >= g.viewed_at",
      },
    ],
  },
  {
    name: "later-version-completed",
    what: "a job of a later version is completed at once",
    services: ["worker"],
    scenario: "later-jobs",
    breaks: LATER_GONE,
    edits: [
      {
        file: RECORD_JOBS,
        find: "if (isNewer) return giveBack(job, token, newerRetryMs(job));",
        put: "if (isNewer) return;",
      },
    ],
  },
  {
    name: "later-version-failed",
    what: "a job of a later version fails",
    services: ["worker"],
    scenario: "later-jobs",
    breaks: JOBS_FAILED,
    edits: [
      {
        file: RECORD_JOBS,
        find: "if (isNewer) return giveBack(job, token, newerRetryMs(job));",
        put: 'if (isNewer) throw failing("a later version");',
      },
    ],
  },
];
