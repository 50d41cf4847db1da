import { INVARIANTS } from "../check/check-views.ts";
import { NOT_CUT_OFF, NOT_DRAINED, SERVICE_DIED, UNSAFE_SPOOLING } from "../check/verdict.ts";
import type { Mutant } from "../lab/mutant.ts";

const ACCEPT = "apps/ingest/src/spool/accept-batches.ts";

export const INGEST_MUTANTS: readonly Mutant[] = [
  {
    name: "answer-before-add",
    what: "ingest answers before the queue has the view",
    services: ["ingest"],
    scenario: "spooling",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/ingest/src/routes/post-view.ts",
        find: "await accept([made.view]);",
        put: "accept([made.view]).catch(() => {});",
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
    what: "the spool acknowledges a batch before it is on the disk",
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
    name: "pipelining-allowed",
    what: "every request of a connection is handled at once",
    services: ["ingest"],
    scenario: "clients",
    breaks: NOT_CUT_OFF,
    edits: [
      {
        file: "packages/shared/src/http/http-server.ts",
        find: "oneAtATime(listener, () => onUnreadable(PIPELINED_STATUS)),",
        put: "listener,",
      },
    ],
  },
  {
    name: "queued-last-forgotten",
    what: "jobs that Redis has acknowledged but not written to its disk are not queued again",
    services: ["ingest"],
    scenario: "redis-disk",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/ingest/src/spool/durable-queue.ts",
        find: "const taken = recent.takeAll();",
        put: "const taken: ReturnType<typeof recent.takeAll> = [];",
      },
    ],
  },
  {
    name: "full-spool-is-no-error",
    what: "a batch that does not fit on the disk of the spool counts as spooled",
    services: ["ingest"],
    scenario: "spool-disk",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/ingest/src/spool/own-spool.ts",
        find: "if (!(error instanceof SpoolFullError)) setBecause(reasonOf(error));\n      throw error;",
        put: "if (!(error instanceof SpoolFullError)) setBecause(reasonOf(error));",
      },
    ],
  },
  {
    name: "drained-only-with-room",
    what: "batches that are on the queue stay in the spool while the disk is too full to remove them",
    services: ["ingest"],
    scenario: "spool-disk",
    breaks: NOT_DRAINED,
    edits: [
      {
        file: "apps/ingest/src/spool/spool.ts",
        find: "      doneSeq = lastSeq;\n",
        put: "      removeTo.run(lastSeq);\n      doneSeq = lastSeq;\n",
      },
    ],
  },
  {
    name: "no-start-without-spool",
    what: "an ingest does not start while the disk of its spool is full",
    services: ["ingest"],
    scenario: "spool-disk",
    breaks: SERVICE_DIED,
    edits: [
      {
        file: "apps/ingest/src/spool/own-spool.ts",
        find: "if (error instanceof SpoolInUseError) file = undefined;\n      setBecause(reasonOf(error));",
        put: "throw error;",
      },
    ],
  },
];
