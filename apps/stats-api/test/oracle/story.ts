import fc from "fast-check";
import { asked, askedOfMonths, EVENTS, EVENTS_MAX, step, traits, view } from "./steps.ts";

/** At its end, a run asks one in so many of the long questions: more runs find more than more questions. */
export const LONG_QUESTIONS = 3;

const common = {
  events: fc.shuffledSubarray(EVENTS, { minLength: 1, maxLength: EVENTS_MAX }),
  traits,
  part: fc.nat(LONG_QUESTIONS - 1),
};
const anyStory = fc.record({
  ...common,
  steps: fc.array(step, { minLength: 1, maxLength: 14, size: "max" }),
  asked,
});

/** Late views come into months that are stored, and questions about whole months before these are finalized again: seldom by chance. */
const lateStory: typeof anyStory = fc
  .record({
    ...common,
    steps: fc.array(step, { minLength: 1, maxLength: 10, size: "max" }),
    late: fc.array(view, { minLength: 1, maxLength: 3 }),
    asked: askedOfMonths,
  })
  .map(({ steps, late, ...rest }) => ({
    ...rest,
    steps: [
      ...steps.slice(0, -1),
      ...steps.slice(-1).map(({ action }) => ({ action, isFollowed: true })),
      { action: { record: late }, isFollowed: false },
    ],
  }));

/** The steps of a run, and the parameters of the questions at its end. */
export const story = fc.oneof({ weight: 3, arbitrary: anyStory }, { weight: 1, arbitrary: lateStory });
export type Story = typeof story extends fc.Arbitrary<infer Of> ? Of : never;
