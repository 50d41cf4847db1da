import { z } from "zod";
import { storableText } from "./text.ts";

/** Ids that one request may choose. */
const IDS_MAX = 100;

const instant = z.iso.datetime({ offset: true });

/** A batch of views that no worker could record completely. It has nothing that could identify a viewer. */
const failedJobSchema = z.object({
  id: z.string(),
  failedAt: z.iso.datetime(),
  reason: z.string().describe("Why it failed, in the words of the worker"),
  readableViews: z.int().describe("Views of it that can be read; they are recorded already"),
  isWorthRetrying: z
    .boolean()
    .describe("Whether this version can read all of it, so that it would not fail again"),
});
export type FailedJobRow = z.infer<typeof failedJobSchema>;

/** Answer of `GET /v1/failed-jobs`. */
export const failedJobListSchema = z.object({
  items: z.array(failedJobSchema).describe("The newest first"),
  total: z.int().describe("All failed jobs, also those that are not listed"),
  asOf: z.iso.datetime(),
});

/** Body of `POST /v1/failed-jobs/retry`: `ids`, or `all`, or one or both of `reason` and `since`. */
export const retryBodySchema = z
  .strictObject({
    ids: z.array(z.string().min(1).max(200)).min(1).max(IDS_MAX).exactOptional(),
    all: z.literal(true).exactOptional().describe("Every failed job"),
    reason: storableText(200).min(1).exactOptional().describe("Only jobs whose reason contains this text"),
    since: instant.exactOptional().describe("Only jobs that failed at this time or later"),
    before: instant.exactOptional().describe("Only jobs that failed before this time"),
    isAnyway: z
      .boolean()
      .exactOptional()
      .describe("Also jobs that this version cannot read completely, for workers that are newer"),
  })
  .refine(
    ({ ids, all, reason, since, before }) =>
      ids === undefined
        ? all !== undefined || reason !== undefined || since !== undefined
        : [all, reason, since, before].every((given) => given === undefined),
    { error: "choose jobs: by ids, or by all, reason or since", path: ["ids"] },
  );

/** Answer of `POST /v1/failed-jobs/retry`. */
export const retriedSchema = z.object({
  retried: z.int().describe("Jobs that are on the queue again"),
  skipped: z
    .array(z.object({ id: z.string(), reason: z.string() }))
    .describe("Jobs that would only fail again; they stay"),
  missing: z.array(z.string()).describe("Ids that no failed job has"),
  next: z
    .object({ since: z.iso.datetime(), before: z.iso.datetime() })
    .nullable()
    .describe("Send the same body with these fields to go on with the next jobs; null when no job is left"),
});
export type Retried = z.infer<typeof retriedSchema>;
