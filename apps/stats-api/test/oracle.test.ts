import fc from "fast-check";
import { expect, inject } from "vitest";
import { test } from "./api.ts";
import { liveOf } from "./oracle/breakdown.ts";
import { askLive, check } from "./oracle/check.ts";
import { questions } from "./oracle/questions.ts";
import { act, begin, follow, IDS } from "./oracle/run-story.ts";
import { parametersOf } from "./oracle/steps.ts";
import { LONG_QUESTIONS, story } from "./oracle/story.ts";

/**
 * `FAST_CHECK_RUNS=5000 npx vitest run apps/stats-api/test/oracle.test.ts` makes more runs; `FAST_CHECK_SEED=` and
 * `FAST_CHECK_PATH=` with the values of a failure repeat it.
 */
const { numRuns, seed, path } = inject("fastCheck");

/** Milliseconds for each run, and for shrinking a failure. A slower machine makes fewer runs. */
const RUN_MS = 1_500;
const SHRINK_MS = 30_000;

test("every answer equals that of the oracle, after random recordings, erasures, deletions and retention", {
  timeout: numRuns * RUN_MS + 2 * SHRINK_MS,
}, async ({ db, api, clock }) => {
  const end = performance.now() + numRuns * RUN_MS + SHRINK_MS;
  let ran = 0;
  await fc.assert(
    fc.asyncProperty(story, async (of) => {
      // Not by fast-check, which would end the test in the middle of a run.
      if (performance.now() > end) return;
      ran += 1;
      const run = await begin({ db, api, clock }, of);
      for (const { action, isFollowed } of of.steps) {
        await act(run, action);
        if (isFollowed) await follow(run);
      }
      const now = clock.now.getTime();
      const asked = parametersOf(of.asked, of.events);
      for (const [index, question] of questions(run.oracle, IDS, asked, now).entries()) {
        if (!question.isLong || index % LONG_QUESTIONS === of.part) await check(api, question);
      }
      const asOf = clock.now.toISOString();
      expect(await askLive(api)).toEqual({ ...liveOf(run.oracle, now), asOf });
    }),
    {
      numRuns,
      ...(seed === undefined ? {} : { seed }),
      ...(path === undefined ? {} : { path }),
    },
  );
  if (path === undefined && ran < numRuns)
    process.stderr.write(`The oracle had time for ${ran} of ${numRuns} runs.\n`);
});
