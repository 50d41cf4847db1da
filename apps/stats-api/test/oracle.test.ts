import fc from "fast-check";
import { expect, inject } from "vitest";
import { test } from "./api.ts";
import { liveOf } from "./oracle/breakdown.ts";
import { askLive, check } from "./oracle/check.ts";
import { questions } from "./oracle/questions.ts";
import { LONG_QUESTIONS, parametersOf, story } from "./oracle/steps.ts";
import { act, begin, follow, IDS } from "./oracle/tell.ts";

/**
 * `FAST_CHECK_RUNS=5000 npx vitest run apps/stats-api/test/oracle.test.ts` makes more runs; `FAST_CHECK_SEED=` and
 * `FAST_CHECK_PATH=` with what a failure says repeat it.
 */
const { numRuns, seed, path } = inject("fastCheck");

/** Milliseconds for each run, and for making a failure small; a machine that is slower makes fewer runs. */
const RUN_MS = 1_500;
const SHRINK_MS = 30_000;

test("every answer equals a count of the views in plain sight, whatever was recorded, erased, deleted and removed", {
  timeout: numRuns * RUN_MS + 2 * SHRINK_MS,
}, async ({ db, api, clock }) => {
  await fc.assert(
    fc.asyncProperty(story, async (of) => {
      const told = await begin({ db, api, clock }, of);
      for (const { action, isFollowed } of of.steps) {
        await act(told, action);
        if (isFollowed) await follow(told);
      }
      const now = clock.now.getTime();
      const asked = parametersOf(of.asked, of.events);
      for (const [index, question] of questions(told.plain, IDS, asked, now).entries()) {
        if (!question.isLong || index % LONG_QUESTIONS === of.part) await check(api, question);
      }
      const asOf = clock.now.toISOString();
      expect(await askLive(api)).toEqual({ ...liveOf(told.plain, now), asOf });
    }),
    {
      numRuns,
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path }),
      interruptAfterTimeLimit: numRuns * RUN_MS + SHRINK_MS,
    },
  );
});
