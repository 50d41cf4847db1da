import { createDatabase } from "@model-views/testing/database.ts";
import { setForeignSettings } from "@model-views/testing/foreign-settings.ts";
import fc from "fast-check";
import { expect } from "vitest";
import { test as base } from "./api.ts";
import { liveOf } from "./oracle/breakdown.ts";
import { askLive, check } from "./oracle/check.ts";
import { questions } from "./oracle/questions.ts";
import { act, begin, follow, IDS } from "./oracle/run-story.ts";
import { parametersOf } from "./oracle/steps.ts";
import { story } from "./oracle/story.ts";

/** Like every test of the API, but on a database whose settings our statements do not expect. */
const test = base.extend({
  databaseUrl: async ({ task: _ }, use) => {
    const { url, drop } = await createDatabase();
    await setForeignSettings(url);
    await use(url);
    await drop();
  },
});

/** A setting that breaks an answer breaks it in nearly every run. */
const RUNS = 3;

test("every answer equals that of the oracle on a database with foreign settings too", {
  timeout: 120_000,
}, async ({ db, api, clock }) => {
  await fc.assert(
    fc.asyncProperty(story, async (of) => {
      const run = await begin({ db, api, clock }, of);
      for (const { action, isFollowed } of of.steps) {
        await act(run, action);
        if (isFollowed) await follow(run);
      }
      const now = clock.now.getTime();
      for (const question of questions(run.oracle, IDS, parametersOf(of.asked, of.events), now)) {
        await check(api, question);
      }
      expect(await askLive(api)).toEqual({ ...liveOf(run.oracle, now), asOf: clock.now.toISOString() });
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
