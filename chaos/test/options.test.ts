import { UsageError } from "@model-views/shared/runtime/run-command.ts";
import { describe, expect, test } from "vitest";
import { parseChaosOptions } from "../src/options.ts";
import { runOf } from "../src/runs.ts";

describe("the options of npm run chaos", () => {
  test.each([
    [["--minutes", "0"], "--minutes must be a whole number"],
    [["--seed", "one"], "--seed must be a whole number"],
    [["--rate", "1e3"], "--rate must be a whole number"],
    [["--only", "kill-worker,kill-everybody"], 'There is no fault "kill-everybody"'],
    [["--outage", "disk"], "--outage must be redis or postgres"],
    [["--seconds", "5"], "--seconds is for --outage"],
    [["--mutants", "no-mutant"], 'There is no mutant "no-mutant"'],
    [["everything"], "There is no everything"],
  ])("%j is refused in words", (args, message) => {
    expect(() => parseChaosOptions(args)).toThrow(UsageError);
    expect(() => parseChaosOptions(args)).toThrow(message);
  });

  test.each([
    [["--seed", "7"]],
    [["--seed", "7", "--minutes", "2", "--rate", "100", "--kills", "9", "--only", "kill-worker,kill-redis"]],
    [["--seed", "7", "--outage", "postgres", "--seconds", "5"]],
  ])("%j leads to a command that repeats the run", (args) => {
    const run = runOf(parseChaosOptions(args));
    const [, , , , ...again] = run.command.split(" ");
    expect(runOf(parseChaosOptions(again))).toEqual(run);
  });

  test("without a seed there is another one each time", () => {
    const seeds = Array.from({ length: 5 }, () => parseChaosOptions([]).seed);
    expect(new Set(seeds).size).toBeGreaterThan(1);
  });

  test("an outage is one fault and no other", () => {
    const { plan } = runOf(parseChaosOptions(["--outage", "redis", "--seconds", "60"]));
    expect(plan).toMatchObject([{ fault: "kill-redis", durationMs: 60_000 }]);
  });
});
