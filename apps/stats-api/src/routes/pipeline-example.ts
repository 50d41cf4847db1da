import type { PipelineAnswer } from "@model-views/shared/contracts/pipeline.ts";
import { AS_OF } from "./example-data.ts";

/** Without ingest and workers, with a batch that could not be read and a view that PostgreSQL has refused. */
export const PIPELINE_EXAMPLE = {
  queue: {
    data: {
      waitingJobs: 0,
      activeJobs: 0,
      failedJobs: 1,
      waitingViews: 0,
      oldestWaitingSeconds: null,
      isPaused: false,
    },
  },
  services: { data: [] },
  redis: {
    data: {
      usedBytes: 1_297_952,
      maxBytes: 0,
      evictionPolicy: "noeviction",
      hasAof: true,
      warnings: [],
    },
  },
  stored: {
    data: {
      viewsOfLastMinute: 0,
      lastViewedAt: "2026-11-22T11:59:00.000Z",
      openDays: 1,
      databaseBytes: 9_615_039,
      postgresVersion: "18.4",
    },
  },
  accounting: {
    data: {
      queued: 0,
      removed: 0,
      writtenOff: 0,
      inserted: 0,
      duplicates: 0,
      rejected: 0,
      unkept: 0,
      erased: 0,
      waiting: 0,
      active: 0,
      failed: 0,
      lost: 0,
      surplus: 0,
    },
  },
  rejected: { data: { items: [{ reason: "refused", views: 1, newestAt: AS_OF }], unkeptViews: 0 } },
  problems: [
    {
      part: "workers",
      text: "No worker has said how it is: none runs, or it is of an older version",
      action: "Start one: npm run worker. Views wait on the queue meanwhile, and none is lost.",
    },
    {
      part: "ingest",
      text: "No ingest has said how it is: none runs, or it is of an older version",
      action: "Start one: npm run ingest.",
    },
    {
      part: "failed-jobs",
      text: "Batches that could not be read, and are kept: 1",
      action: "npm run failed-jobs -- list shows why, and retry puts them back.",
    },
    {
      part: "rejected",
      text: "Views that PostgreSQL has refused, and that are kept: 1",
      action: "npm run redrive -- --reason refused stores them, once what refused them is put right.",
    },
    {
      part: "maintenance",
      text: "A day that is over is not finalized",
      action: "Statistics stay exact, and are slower. The worker's log says what keeps its maintenance.",
    },
  ],
  asOf: AS_OF,
} satisfies PipelineAnswer;
