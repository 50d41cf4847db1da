import {
  type FailedJobRow,
  failedJobListSchema,
  retriedSchema,
  retryBodySchema,
} from "@model-views/shared/contracts/failed-jobs.ts";
import { storableStart } from "@model-views/shared/contracts/text.ts";
import type { FailedJob, FailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { readPayloadText, wouldFailAgain } from "@model-views/shared/queue/read-payload.ts";
import { z } from "zod";
import { describeOutcome } from "../guards/audit.ts";
import { formatShape, sendListAs } from "../http/csv.ts";
import { ofRedis } from "../http/of-redis.ts";
import { limitQuery, noQuery } from "../http/parameters.ts";
import { defineRoute } from "../http/route.ts";
import type { RouteDeps } from "./deps.ts";
import { AS_OF, csv, FAILED_JOB } from "./example-data.ts";

/** Jobs that one request looks at, and others that failed in the same millisecond as the last: each has up to 500 views. */
const JOBS_MAX = 200;
/** Characters of a reason. */
const REASON_CHARS_MAX = 500;

const COLUMNS = ["id", "failedAt", "reason", "readableViews", "isWorthRetrying"] as const;

export const listFailedJobsRoute = defineRoute({
  id: "listFailedJobs",
  method: "get",
  path: "/v1/failed-jobs",
  summary: "Batches that no worker could record completely, and why",
  description:
    "They are kept on the queue, without what could identify a viewer in the answer. `npm run failed-jobs` shows and moves whole jobs.",
  access: "read",
  query: z.strictObject({ ...formatShape, limit: limitQuery({ max: 100, otherwise: 20 }) }),
  answers: {
    200: {
      description: "The newest ones, and how many there are",
      json: { FailedJobList: failedJobListSchema },
      csv: true,
      headers: ["ETag"],
    },
  },
  examples: {
    newest: {
      summary: "The newest one",
      query: { limit: 1 },
      status: 200,
      answer: { items: [FAILED_JOB], total: 1, asOf: AS_OF },
    },
    asCsv: {
      summary: "As CSV",
      query: { format: "csv" },
      status: 200,
      answer: csv(
        COLUMNS.join(","),
        `${FAILED_JOB.id},${FAILED_JOB.failedAt},"${FAILED_JOB.reason}",0,false`,
      ),
    },
  },
  async handle({ query, request, response }, { viewsQueue, now }: Pick<RouteDeps, "viewsQueue" | "now">) {
    const [jobs, total] = await ofRedis(viewsQueue, async ({ failedJobs }) => [
      await failedJobs.newest(query.limit),
      await failedJobs.count(),
    ]);
    response.set("Cache-Control", "no-store");
    const answer = { items: jobs.map(rowOf), total, asOf: now().toISOString() };
    const rows = answer.items.map((row) => ({ ...row, isWorthRetrying: String(row.isWorthRetrying) }));
    await sendListAs({ request, response, query }, answer, { columns: COLUMNS, rows });
  },
});

function rowOf({ id, failedAt, reason, text }: FailedJob): FailedJobRow {
  const { views, wrong } = readPayloadText(text);
  return {
    id,
    failedAt: failedAt.toISOString(),
    reason: storableStart(reason, REASON_CHARS_MAX),
    readableViews: views.length,
    isWorthRetrying: wrong === undefined,
  };
}

type RetryBody = z.infer<typeof retryBodySchema>;
type Retried = z.infer<typeof retriedSchema>;

export const retryFailedJobsRoute = defineRoute({
  id: "retryFailedJobs",
  method: "post",
  path: "/v1/failed-jobs/retry",
  summary: "Puts failed jobs back on the queue",
  description: `As \`npm run failed-jobs -- retry\` does, without waiting for what becomes of them. A job that would only fail again stays. Safe to repeat, because a view counts once. A request looks at about ${JOBS_MAX} jobs at most; \`next\` says how to go on.`,
  access: "admin",
  query: noQuery,
  body: { RetryBody: retryBodySchema },
  answers: { 200: { description: "What was done", json: { Retried: retriedSchema } } },
  audit: { action: "retry-failed-jobs", subject: null },
  examples: {
    all: {
      summary: "All that this version can read",
      body: { all: true },
      status: 200,
      answer: {
        retried: 0,
        skipped: [
          {
            id: FAILED_JOB.id,
            reason: FAILED_JOB.reason,
          },
        ],
        missing: [],
        next: null,
      },
    },
    byId: {
      summary: "One, in any case",
      body: { ids: [FAILED_JOB.id], isAnyway: true },
      status: 200,
      answer: { retried: 1, skipped: [], missing: [], next: null },
    },
  },
  async handle({ body, response }, { viewsQueue }: Pick<RouteDeps, "viewsQueue">) {
    const done: Retried = { retried: 0, skipped: [], missing: [], next: null };
    try {
      await ofRedis(viewsQueue, ({ failedJobs }) => retrySome(failedJobs, body, done));
    } finally {
      const { retried, skipped } = done;
      const chosen = body.ids === undefined ? "" : ` of ${body.ids.length} named`;
      describeOutcome(response, `${retried} jobs put back${chosen}, ${skipped.length} skipped`);
    }
    response.json(done);
  },
});

/** Adds to `done` what is done as it is done. */
async function retrySome(jobs: FailedJobs, body: RetryBody, done: Retried): Promise<void> {
  if (body.ids === undefined) return retrySelected(jobs, body, done);
  for (const id of new Set(body.ids)) {
    const job = await jobs.get(id);
    if (job === undefined || (await retryOne(jobs, job, body, done)) === "gone") done.missing.push(id);
  }
}

async function retrySelected(jobs: FailedJobs, body: RetryBody, done: Retried): Promise<void> {
  const [newest] = await jobs.newest(1);
  if (newest === undefined) return;
  // A job that fails again meanwhile is not retried again.
  const before = body.before === undefined ? after(newest.failedAt) : new Date(body.before);
  const since = body.since === undefined ? undefined : new Date(body.since);
  let looked = 0;
  let last: Date | undefined;
  for await (const job of jobs.all({ since, before })) {
    // The next request goes on with the next millisecond, so none is looked at twice.
    if (last !== undefined && looked >= JOBS_MAX && job.failedAt > last) {
      done.next = { since: after(last).toISOString(), before: before.toISOString() };
      return;
    }
    [last, looked] = [job.failedAt, looked + 1];
    if (body.reason === undefined || job.reason.includes(body.reason)) await retryOne(jobs, job, body, done);
  }
}

/** `gone` when it had not failed any more. */
async function retryOne(
  jobs: FailedJobs,
  { id, text }: FailedJob,
  { isAnyway = false }: RetryBody,
  done: Retried,
): Promise<"done" | "gone"> {
  const reason = wouldFailAgain(text, { isAnyway });
  if (reason !== undefined) {
    done.skipped.push({ id, reason: storableStart(reason, REASON_CHARS_MAX) });
  } else if (await jobs.retry(id)) done.retried += 1;
  else return "gone";
  return "done";
}

function after(time: Date): Date {
  return new Date(time.getTime() + 1);
}
