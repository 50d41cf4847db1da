import { z } from "zod";

const views = z.number().describe("Views");

/** Whether every view that was put on the queue is recorded, or still on it. All numbers are of views, since the beginning. */
export const accountingSchema = z.object({
  queued: views.describe("Put on the queue: by ingest, from spools, or by operators who put them back"),
  removed: views.describe("Taken off the queue by operators, into a file"),
  writtenOff: views.describe("Differences that operators have looked into and written off"),
  inserted: views.describe("Stored"),
  duplicates: views.describe("Stored or rejected before"),
  rejected: views.describe("Put into `rejected_views`; redriven ones are queued again"),
  unkept: views.describe("Of models that do not exist, beyond what is kept"),
  erased: views.describe("Of viewers who were erased before they were recorded"),
  waiting: views
    .nullable()
    .describe("On the queue. Null, with the next four, while more than 5,000 batches are there"),
  active: views.nullable().describe("Taken by workers"),
  failed: views.nullable().describe("In batches that could not be read, and are kept"),
  lost: views.nullable().describe("Gone from the queue, and not recorded: 0 when all is well"),
  surplus: views
    .nullable()
    .describe(
      "Recorded beyond what was queued: 0 when all is well. After Redis was restored or lost its last second, those views",
    ),
});
export type Accounting = z.infer<typeof accountingSchema>;
