import { INVARIANTS } from "../check/check-views.ts";
import { NOT_CUT_OFF, NOT_DRAINED, SERVICE_DIED, UNSAFE_SPOOLING } from "../check/names.ts";
import type { Mutant } from "./mutant.ts";

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
    name: "pipelining-allowed",
    what: "every request of a connection is handled at once",
    services: ["ingest"],
    scenario: "clients",
    breaks: NOT_CUT_OFF,
    edits: [
      {
        file: "packages/shared/src/http/http-server.ts",
        find: "oneAtATime(listener, answering, () => onUnreadable(PIPELINED_STATUS)),",
        put: "listener,",
      },
    ],
  },
  {
    name: "queued-last-forgotten",
    what: "what Redis has acknowledged and not yet on its disk is not queued again",
    services: ["ingest"],
    scenario: "redis-disk",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/ingest/src/spool/open-durable.ts",
        find: "const taken = recent.takeAll();",
        put: "const taken: ReturnType<typeof recent.takeAll> = [];",
      },
    ],
  },
  {
    name: "full-spool-is-no-error",
    what: "a batch that the disk of the spool has no room for counts as spooled",
    services: ["ingest"],
    scenario: "spool-disk",
    breaks: INVARIANTS.lost,
    edits: [
      {
        file: "apps/ingest/src/spool/own-spool.ts",
        find: "if (!(error instanceof SpoolFullError)) setBecause(inWords(error));\n      throw error;",
        put: "if (!(error instanceof SpoolFullError)) setBecause(inWords(error));",
      },
    ],
  },
  {
    name: "drained-only-with-room",
    what: "what the queue has stays in the spool while the disk is too full to remove it",
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
        find: "if (error instanceof SpoolInUseError) file = undefined;\n      setBecause(inWords(error));",
        put: "throw error;",
      },
    ],
  },
];
