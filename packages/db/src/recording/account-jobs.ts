import type { Pool } from "pg";
import { type Ask, asking, sql } from "../postgres/sql.ts";

/** A job of the queue whose views ingest has counted when it queued them. */
export type AccountedJob = {
  /** A UUID: not the job's id, which comes back when a job is queued again after it was completed. */
  account: string;
  /** 1 to 500. */
  views: number;
};

/** What became of views that are no duplicates: see record-views.ts. */
type Outcome = { inserted: number; rejected: number; unkept: number; erased: number };

/** Rows of `outcome_counts`: transactions of as many connections do not wait for each other. */
const SLOTS = 64;

/**
 * SQL: parts of `with` that count the views of jobs as recorded, once for each job, by their outcome.
 *
 * @param jobs a table of `id` and `views`.
 * @param outcome a table of one row: `inserted`, `rejected`, `unkept` and `erased` of the views of all given jobs.
 */
export function accounted({ jobs, outcome }: { jobs: string; outcome: string }): string {
  return `new_jobs as (
  insert into recorded_jobs (id, views) select id, views from ${jobs} order by id
  on conflict do nothing
  returning views
), counted_jobs as (
  insert into outcome_counts as c (slot, views, inserted, rejected, unkept, erased)
  select pg_backend_pid() % ${SLOTS}, (select sum(views) from new_jobs), inserted, rejected, unkept, erased
  from ${outcome} where exists (select from new_jobs)
  on conflict (slot) do update set
    views = c.views + excluded.views,
    inserted = c.inserted + excluded.inserted,
    rejected = c.rejected + excluded.rejected,
    unkept = c.unkept + excluded.unkept,
    erased = c.erased + excluded.erased
)`;
}

/** Parameters for `jobs` of {@link accounted}: `uuid[]` and `int[]`. */
export function jobParameters(jobs: readonly AccountedJob[]): [ids: string[], views: number[]] {
  return [jobs.map(({ account }) => account), jobs.map(({ views }) => views)];
}

const ACCOUNT_JOBS = `
with ${accounted({
  jobs: "unnest($1::uuid[], $2::int[]) as j(id, views)",
  outcome: "(select $3::int, $4::int, $5::int, $6::int) as o(inserted, rejected, unkept, erased)",
})} select`;

/**
 * Counts jobs as recorded whose views took more than one statement, after the last. When the process is killed in between, their views
 * are duplicates when they are recorded again, and are counted then.
 */
export async function accountJobs(
  pool: Pick<Pool, "query">,
  jobs: readonly AccountedJob[],
  { inserted, rejected, unkept, erased }: Outcome,
): Promise<void> {
  await pool.query(ACCOUNT_JOBS, [...jobParameters(jobs), inserted, rejected, unkept, erased]);
}

/** What became of all views that were ever taken from the queue, each view of a job once: `views` is the sum of the others. */
export type OutcomeCounts = Outcome & { duplicates: number; views: number };

/** Reads the few rows of outcome_counts. */
export async function outcomeCounts(ask: Ask): Promise<OutcomeCounts> {
  const { rows } = await ask<Omit<OutcomeCounts, "duplicates">>(sql`
    select coalesce(sum(views), 0)::float8 as views, coalesce(sum(inserted), 0)::float8 as inserted,
      coalesce(sum(rejected), 0)::float8 as rejected, coalesce(sum(unkept), 0)::float8 as unkept,
      coalesce(sum(erased), 0)::float8 as erased
    from outcome_counts`);
  const [counts = { views: 0, inserted: 0, rejected: 0, unkept: 0, erased: 0 }] = rows;
  const { views, inserted, rejected, unkept, erased } = counts;
  return { ...counts, duplicates: views - inserted - rejected - unkept - erased };
}

/** Hours for which a job can be delivered again without being counted again. */
const KEPT_HOURS = 24;

/** Forgets jobs that were recorded more than a day ago. Reads recorded_jobs_recorded_at_idx. */
export async function forgetRecordedJobs(pool: Pick<Pool, "query">): Promise<{ jobs: number }> {
  const { rowCount } = await asking(pool)(
    sql`delete from recorded_jobs where recorded_at < now() - make_interval(hours => ${KEPT_HOURS}::int)`,
  );
  return { jobs: rowCount ?? 0 };
}
