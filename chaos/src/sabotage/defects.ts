import { INVARIANTS } from "../check/check-views.ts";
import { EMPTY, JOBS_FAILED, NOT_CUT_OFF, ROLLUPS_DIFFER, UNSAFE_SPOOLING } from "../check/names.ts";

/** A change to a source that must be found exactly once. */
export type Edit = {
  /** Path from the project's root. */
  file: string;
  find: string;
  put: string;
};

/** How the faults are chosen that bring a defect to light, see scenarios.ts. */
export type ScenarioName = "spooling" | "worker-kills" | "same-job" | "bad-views" | "clients" | "clocks";

export type ServiceKind = "ingest" | "worker";

/** A mistake that somebody could make, and that the harness has to notice. */
export type Defect = {
  name: string;
  /** For people. */
  what: string;
  /** Which services have it; the others are as they should be. */
  services: readonly ServiceKind[];
  scenario: ScenarioName;
  /** Name of the check that must find it: another that fails is no proof. */
  breaks: string;
  edits: readonly Edit[];
};

/** Names the defect to the service that is to have it. */
export const DEFECT_VARIABLE = "CHAOS_DEFECT";

const ACCEPT = "apps/ingest/src/spool/accept-batches.ts";
const RECORD_VIEWS = "packages/db/src/views/record-views.ts";
const QUEUE = "packages/shared/src/queue.ts";

export const DEFECTS: readonly Defect[] = [
  {
    name: "answer-before-add",
    what: "ingest answers before the queue has the view",
    services: ["ingest"],
    scenario: "spooling",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/ingest/src/post-view.ts",
        find: "await accept([taken.view]);",
        put: "accept([taken.view]).catch(() => {});",
      },
    ],
  },
  {
    name: "spool-after-answer",
    what: "the spool is written a moment after the answer",
    services: ["ingest"],
    scenario: "spooling",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: ACCEPT,
        find: "      spool.put(batch);",
        put: "      setTimeout(() => spool.put(batch), 500);",
      },
    ],
  },
  {
    name: "spool-without-sync",
    what: "the spool is not on the disk when it says so",
    services: ["ingest"],
    scenario: "spooling",
    breaks: UNSAFE_SPOOLING,
    edits: [
      {
        file: "apps/ingest/src/spool/spool.ts",
        find: 'database.exec("pragma synchronous = full");',
        put: 'database.exec("pragma synchronous = normal");',
      },
    ],
  },
  {
    name: "orphans-left",
    what: "the spool of an ingest that was killed is left alone",
    services: ["ingest"],
    scenario: "spooling",
    breaks: INVARIANTS.lost,
    edits: [{ file: ACCEPT, find: "adopted.push(...adopt());", put: "void adopt;" }],
  },
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
        file: "apps/worker/src/record-jobs.ts",
        find: "await record(views);",
        put: "record(views).catch(() => {});",
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
  select model_id, (viewed_at at time zone 'utc')::date, count(*) from counted group by 1, 2 order by 1, 2
  on conflict (model_id, day) do update set views = d.views + excluded.views, viewers = null
), unstored as (`,
        put: "), unstored as (",
      },
      {
        file: RECORD_VIEWS,
        find: "select (select count(*)::int from fresh_views) as inserted,",
        put: `select (select coalesce(json_agg(c), '[]') from counted c)::text as counted,
  (select count(*)::int from fresh_views) as inserted,`,
      },
      {
        file: RECORD_VIEWS,
        find: "  const { inserted = 0, rejected = 0, given = 0, unkept: left } = rows[0] ?? {};",
        put: `  const { inserted = 0, rejected = 0, given = 0, unkept: left, counted = "[]" } = (rows[0] ?? {}) as {
    inserted?: number; rejected?: number; given?: number; unkept?: number | null; counted?: string;
  };
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
    what: "a batch with a bad view in it is not taken apart",
    services: ["worker"],
    scenario: "bad-views",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/worker/src/record-each.ts",
        find: 'if (kind !== "data" || sqlstate === undefined || view === undefined) throw error;',
        put: "if (kind !== undefined || sqlstate === undefined || view === undefined) throw error;",
      },
    ],
  },
  {
    name: "pipelining-allowed",
    what: "every request of a connection is handled at once",
    services: ["ingest"],
    scenario: "clients",
    breaks: NOT_CUT_OFF,
    edits: [
      {
        file: "packages/shared/src/http-server.ts",
        find: "oneAtATime(listener, answering, () => onUnreadable(PIPELINED_STATUS)),",
        put: "listener,",
      },
    ],
  },
  {
    name: "given-back-by-own-clock",
    what: "a job that could not be recorded is due again by the worker's own clock, whatever that says",
    services: ["worker"],
    scenario: "clocks",
    breaks: EMPTY,
    edits: [
      {
        file: "apps/worker/src/record-jobs.ts",
        find: "(await redisTime(redis)).getTime() + ms",
        put: "Date.now() + ms",
      },
      {
        file: "apps/worker/src/delayed-jobs.ts",
        find: "for (const id of [...ahead, ...overdue])",
        put: "for (const id of [] as string[])",
      },
    ],
  },
];

/** The defect of that name. */
export function findDefect(name: string): Defect | undefined {
  return DEFECTS.find((defect) => defect.name === name);
}
