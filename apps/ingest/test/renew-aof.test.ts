import type { RedisInfo } from "@model-views/shared/queue/redis-info.ts";
import { describe, expect, test } from "vitest";
import { createRenewAof } from "../src/spool/renew-aof.ts";

/** Milliseconds between two looks here. */
const LOOK_MS = 10_000;

const WELL: RedisInfo = { hasAof: true, writesAof: true, rewritesAof: false, rewroteAof: true };
const FULL: RedisInfo = { ...WELL, writesAof: false };
const REWRITING: RedisInfo = { ...WELL, rewritesAof: true };
const FAILED: RedisInfo = { ...WELL, rewroteAof: false };

/** What is said of each of these looks, and how often Redis was asked to write its file anew. */
async function looks(all: readonly RedisInfo[], answer: () => Promise<string> = async () => "started") {
  let [asked, now] = [0, 0];
  const warned: string[] = [];
  const aof = createRenewAof(
    {
      bgrewriteaof() {
        asked += 1;
        return answer();
      },
    } as Parameters<typeof createRenewAof>[0],
    { onWarning: (warning) => warned.push(warning), now: () => now },
  );
  const said: string[] = [];
  for (const facts of all) {
    now += LOOK_MS;
    said.push(
      await aof.look(facts).then(
        () => "go on",
        () => "wait",
      ),
    );
  }
  return { said, asked, warned, warnings: aof.warnings(), aof };
}

describe("a Redis that could not write its append-only file", () => {
  test.for([
    ["and can again, once it is anew", [WELL, FULL, WELL, REWRITING, WELL, WELL], "go go wait wait go go", 1],
    ["asked only after a rewrite that began before", [FULL, REWRITING, WELL, WELL], "go wait wait go", 1],
    ["that has no such file any more", [FULL, { hasAof: false }, WELL], "go go go", 0],
    ["that always could", [WELL, WELL, REWRITING, FAILED], "go go go go", 0],
  ] as const)("%s", async ([, all, expected, times]) => {
    const { said, asked, warned } = await looks(all);
    expect(said.join(" ").replaceAll("go on", "go")).toBe(expected);
    expect(asked).toBe(times);
    expect(warned).toEqual([]);
  });

  test("that cannot write it anew either, gets views all the same, and is asked again a minute later", async () => {
    const failing = [FULL, WELL, FAILED, ...Array(6).fill(FAILED), REWRITING, WELL, WELL];
    const { said, asked, warned, warnings } = await looks(failing);
    expect(said.join(" ").replaceAll("go on", "go")).toBe("go wait go go go go go go wait wait go go");
    expect(asked).toBe(2);
    expect(warned).toEqual([expect.stringMatching(/give Redis' disk room/)]);
    expect(warnings).toEqual([]);
  });

  test("says so for as long as that is so, also where it fills its disk by trying", async () => {
    const { said, asked, warnings } = await looks([
      FULL,
      WELL,
      FAILED,
      { ...FAILED, writesAof: false },
      FAILED,
    ]);
    expect([said, asked]).toEqual([["go on", "wait", "go on", "go on", "go on"], 1]);
    expect(warnings).toEqual([expect.stringMatching(/give Redis' disk room/)]);
  });

  test("that fills its disk by writing it anew is not kept from views by that for ever", async () => {
    const filling = [FULL, WELL, { ...REWRITING, writesAof: false }, FAILED, FAILED, FAILED, FAILED, FAILED];
    const { said, asked, warnings } = await looks(filling);
    expect(said.join(" ").replaceAll("go on", "go")).toBe("go wait go go go go go go");
    expect([asked, warnings]).toEqual([1, [expect.stringMatching(/give Redis' disk room/)]]);
  });

  test("whose refusals come of its being rewritten is asked again no sooner", async () => {
    const { aof, asked } = await looks([FULL, WELL]);
    expect(asked).toBe(1);
    aof.refused("MISCONF Errors writing to the AOF file: No space left on device");
    await expect(aof.look(WELL)).resolves.toBeUndefined();
    expect(aof.warnings()).toEqual([expect.stringMatching(/give Redis' disk room/)]);
  });

  test.for([
    "NOPERM this user has no permissions to run the 'bgrewriteaof' command",
    "ERR unknown command 'BGREWRITEAOF'",
  ])("whose owner has to do it himself, gets views all the same: %s", async (message) => {
    const refuse = () => Promise.reject(new Error(message));
    const { said, warned, warnings } = await looks([FULL, WELL, WELL], refuse);
    expect(said).toEqual(["go on", "go on", "go on"]);
    expect(warned).toEqual([expect.stringContaining("run BGREWRITEAOF")]);
    expect(warnings).toEqual(warned);
  });

  test("is waited for where it does not answer as it should", async () => {
    const busy = () =>
      Promise.reject(new Error("ERR Background append only file rewriting already in progress"));
    const { said, warned } = await looks([FULL, WELL, WELL], busy);
    expect([said, warned]).toEqual([["go on", "wait", "wait"], []]);
  });

  test("is found out by a refusal, too", async () => {
    const { aof } = await looks([WELL]);
    aof.refused("MISCONF Errors writing to the AOF file: No space left on device");
    await expect(aof.look(WELL)).rejects.toThrow(/append-only file anew/);
  });
});
