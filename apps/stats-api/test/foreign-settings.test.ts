import { createDatabase } from "@model-views/testing/database.ts";
import { setForeignSettings } from "@model-views/testing/foreign-settings.ts";
import fc from "fast-check";
import { expect } from "vitest";
import { test as base } from "./api.ts";
import { liveOf } from "./oracle/breakdown.ts";
import { askLive, check } from "./oracle/check.ts";
import { questions } from "./oracle/questions.ts";
import { parametersOf, story } from "./oracle/steps.ts";
import { act, begin, follow, IDS } from "./oracle/tell.ts";

/** As every test of the API, on a database with settings that none of our statements expects. */
const test = base.extend({
  databaseUrl: async ({ task: _ }, use) => {
    const { url, drop } = await createDatabase();
    await setForeignSettings(url);
    await use(url);
    await drop();
  },
});

/** What such a setting breaks, it breaks nearly always. */
const RUNS = 3;

test("every answer equals a count of the views in plain sight, also on a database with foreign settings", {
  timeout: 120_000,
}, async ({ db, api, clock }) => {
  await fc.assert(
    fc.asyncProperty(story, async (of) => {
      const told = await begin({ db, api, clock }, of);
      for (const { action, isFollowed } of of.steps) {
        await act(told, action);
        if (isFollowed) await follow(told);
      }
      const now = clock.now.getTime();
      for (const question of questions(told.plain, IDS, parametersOf(of.asked, of.events), now)) {
        await check(api, question);
      }
      expect(await askLive(api)).toEqual({ ...liveOf(told.plain, now), asOf: clock.now.toISOString() });
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
