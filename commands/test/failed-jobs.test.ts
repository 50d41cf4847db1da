import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eraseViewer } from "@model-views/db/viewers/erase-viewer.ts";
import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import type { FailedJobs } from "@model-views/shared/queue/failed-jobs.ts";
import { test as base, type Fixtures } from "@model-views/testing/fixtures.ts";
import { COMPILE_CACHE } from "@model-views/testing/services.ts";
import { aModel, aView } from "@model-views/testing/views.ts";
import { describe, expect, vi } from "vitest";
import { moveJobs } from "../failed-jobs/move-jobs.ts";
import { failedJobsSettings } from "../failed-jobs/settings.ts";

/** As fixtures give it. */
type Redis = Fixtures["redis"];

type Ran = { code: number; stdout: string; stderr: string };

const keyOf = (name: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${name}`;

const MAIN = fileURLToPath(new URL("../failed-jobs/main.ts", import.meta.url));

type Run = (...args: string[]) => Promise<Ran>;

const test = base.extend<{ folder: string; runAs: (...command: string[]) => Run; run: Run }>({
  folder: async ({ task: _ }, use) => {
    const folder = await mkdtemp(join(tmpdir(), "failed-jobs-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
  runAs: async ({ databaseUrl, redisUrl, folder, redis: _ }, use) => {
    const env = { ...COMPILE_CACHE, DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
    await use(
      (command = "", ...first) =>
        (...args) =>
          new Promise((resolve) => {
            execFile(command, [...first, ...args], { env, cwd: folder }, (error, stdout, stderr) =>
              resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
            );
          }),
    );
  },
  run: async ({ runAs }, use) => use(runAs(process.execPath, MAIN)),
});

/** A failed job with this data, as a worker leaves it in Redis. */
async function failed(redis: Redis, data: string, { reason = "because", at = 1_000 } = {}): Promise<string> {
  const id = randomUUID();
  await redis.hset(keyOf(id), {
    name: VIEWS_JOB,
    data,
    opts: JSON.stringify(VIEWS_JOB_OPTIONS),
    timestamp: "1",
    failedReason: reason,
    finishedOn: String(at),
  });
  await redis.zadd(keyOf("failed"), at, id);
  return id;
}

const failedCount = (redis: Redis) => redis.zcard(keyOf("failed"));
const isThere = async (redis: Redis, id: string) => (await redis.exists(keyOf(id))) === 1;

const jobOf = (...views: unknown[]) => JSON.stringify({ v: 1, views });

describe("npm run failed-jobs", () => {
  test("retry records the jobs that a worker can read by now; the others are printed, and stay", async ({
    db,
    redis,
    start,
    run,
  }) => {
    const view = aView({ modelId: await aModel(db) });
    const good = await failed(redis, jobOf(view), { at: 1 });
    const bad = await failed(redis, jobOf({ ...view, modelId: "no model" }), { at: 2 });
    const newer = await failed(redis, JSON.stringify({ v: 99, views: [] }), { at: 3 });
    const broken = await failed(redis, "{no json", { at: 4 });
    await start("worker");
    const { code, stdout } = await run("retry", "--all");
    expect(code).toBe(1);
    expect(stdout.trim().split("\n")).toEqual([
      expect.stringMatching(new RegExp(`^job ${bad} is skipped, and stays: .*view 0: modelId`)),
      expect.stringMatching(new RegExp(`^job ${newer} is skipped, and stays: not a payload of this version`)),
      `job ${broken} is skipped, and stays: no JSON`,
      "1 jobs put back: 1 recorded, 0 failed again, 0 waiting. 3 skipped.",
    ]);
    const { rows } = await db.$client.query("select id from model_views");
    expect(rows).toEqual([{ id: view.id }]);
    expect(await isThere(redis, good)).toBe(false);
    const { rows: noted } = await db.$client.query("select action, outcome from audit_log");
    expect(noted).toEqual([{ action: "failed-jobs retry --all", outcome: "1 jobs put back, 3 skipped" }]);
    expect(await failedCount(redis)).toBe(3);
  });

  test("retry --anyway leaves it to the workers, except for what is not JSON, and prints what failed again", async ({
    redis,
    start,
    run,
  }) => {
    const bad = await failed(redis, jobOf({ id: "x" }));
    const broken = await failed(redis, "{no json");
    await start("worker");
    const { stdout } = await run("retry", bad, broken, "missing", "--anyway");
    expect(stdout).toContain("job missing: no failed job has this id");
    expect(stdout).toContain(`job ${broken} is skipped, and stays: no JSON`);
    expect(stdout).toMatch(new RegExp(`job ${bad} failed again: .*view 0: id`));
    expect(stdout).toContain("1 jobs put back: 0 recorded, 1 failed again, 0 waiting. 1 skipped.");
    expect(await failedCount(redis)).toBe(2);
  });

  test("list prints jobs and reasons, show prints all of one; neither changes anything", async ({
    redis,
    run,
  }) => {
    const view = aView();
    const id = await failed(redis, jobOf(view, { id: "x" }), { reason: "view 1: \u001b[2Jno id" });
    await failed(redis, jobOf(view), { reason: "another", at: Date.parse("2026-11-22T09:30:00Z") });
    const listed = await run("list");
    expect(listed.code).toBe(0);
    expect(listed.stdout).toContain(
      `${id}  1970-01-01T00:00:01.000Z  1 views can be read: view 1: \uFFFD[2Jno id`,
    );
    expect(listed.stdout).toContain("2 failed jobs; 2 of their views can be read.");
    expect((await run("list", "--reason", "no id")).stdout).toContain("1 failed jobs; 1 of");
    expect((await run("list", "--since", "2026-11-22")).stdout).toContain("1 failed jobs; 1 of");
    expect((await run("show", id)).stdout).toContain(jobOf(view, { id: "x" }));
    expect(await failedCount(redis)).toBe(2);
  });

  test("move takes jobs away into a file of one's own, put brings those back that were mended", async ({
    db,
    redis,
    folder,
    start,
    run,
  }) => {
    const modelId = await aModel(db);
    const view = aView({ modelId });
    const id = await failed(redis, jobOf({ ...view, modelId: "no model" }), { at: 1 });
    const broken = await failed(redis, "{no json", { at: 2 });
    const file = join(folder, "jobs.jsonl");
    expect((await run("move", "jobs.jsonl", "--all", "--dry-run")).stdout).toContain(
      "2 failed jobs would be",
    );
    expect(await failedCount(redis)).toBe(2);
    expect((await run("move", "jobs.jsonl", "--all")).stdout).toContain("2 failed jobs moved");
    expect(await failedCount(redis)).toBe(0);
    expect(await isThere(redis, id)).toBe(false);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await run("move", "jobs.jsonl", "--all")).stderr).toMatch(/cannot make .*EEXIST/);

    const moved = await readFile(file, "utf8");
    const unmended = await run("put", "jobs.jsonl");
    expect(unmended.code).toBe(1);
    expect(unmended.stdout).toMatch(new RegExp(`line 1 is skipped: job ${id}: .*view 0: modelId`));
    expect(unmended.stdout).toMatch(/line 2 is skipped: job .*: not a payload/);
    expect(moved).toContain(`"id":"${broken}"`);
    expect(moved).toContain(JSON.stringify("{no json"));

    await writeFile(file, moved.replace("no model", modelId));
    await start("worker");
    for (const _time of ["once", "and again"]) {
      expect((await run("put", "jobs.jsonl")).stdout).toContain("1 jobs put on the queue, 1 skipped");
      await expect
        .poll(async () => (await db.$client.query("select id from model_views")).rows)
        .toEqual([{ id: view.id }]);
      await expect.poll(() => isThere(redis, id)).toBe(false);
    }

    await eraseViewer(db.$client, view.viewerIdentifier, { now: new Date() });
    expect((await run("put", "jobs.jsonl")).stdout).toContain("1 jobs put on the queue, 1 skipped");
    await expect.poll(() => isThere(redis, id)).toBe(false);
    expect((await db.$client.query("select from model_views")).rowCount).toBe(0);
  });

  test("move leaves on the queue what the disk does not take", async ({ redis, runAs }) => {
    const id = await failed(redis, jobOf(aView()));
    // No byte fits into a file: the same as a full disk, and it needs no rights.
    const onFullDisk = runAs("sh", "-c", 'ulimit -f 0; exec "$0" "$@"', process.execPath, MAIN);
    const { code, stderr } = await onFullDisk("move", "jobs.jsonl", "--all");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/EFBIG|ENOSPC/)]);
    expect([await failedCount(redis), await isThere(redis, id)]).toEqual([1, true]);
  });

  test("move has the file's name on the disk as well, before a job leaves the queue", async ({ folder }) => {
    const happened: string[] = [];
    await using handle = await open(folder);
    const sync = vi.spyOn(Object.getPrototypeOf(handle), "sync");
    sync.mockImplementation(async function (this: typeof handle) {
      if ((await this.stat()).isDirectory()) happened.push(`${await readdir(folder)} is named`);
    });
    const job = { id: "1", failedAt: new Date(0), reason: "", text: "{}" };
    const jobs: Pick<FailedJobs, "all" | "remove"> = {
      async *all() {
        yield job;
      },
      async remove(id) {
        happened.push(`${id} is removed`);
        return true;
      },
    };
    try {
      const deps = { print() {}, onProgress() {}, isDryRun: false, file: join(folder, "jobs.jsonl") };
      await moveJobs({ ids: [], since: undefined, reason: undefined }, { ...deps, jobs: jobs as FailedJobs });
    } finally {
      sync.mockRestore();
    }
    expect(happened).toEqual(["jobs.jsonl is named", "1 is removed"]);
  });

  test("handles each of many jobs once, though many failed in the same millisecond", async ({
    redis,
    run,
  }) => {
    for (let n = 0; n < 70; n += 1) await failed(redis, jobOf(aView()), { at: n < 50 ? 7 : n });
    expect((await run("list")).stdout).toContain("70 failed jobs; 70 of");
    const { stdout } = await run("retry", "--all", "--dry-run");
    expect(stdout).toContain("70 failed jobs would be put back on the queue, 0 be skipped.");
    expect(await failedCount(redis)).toBe(70);
    expect((await run("move", "all.jsonl", "--all")).stdout).toContain("70 failed jobs moved");
    expect(await failedCount(redis)).toBe(0);
  });

  test("a job and a file that do not exist are reported", async ({ run }) => {
    const shown = await run("show", "1");
    expect(shown).toMatchObject({ code: 78, stderr: "no failed job has the id 1\n" });
    expect(await run("put", "missing")).toMatchObject({
      code: 78,
      stderr: expect.stringMatching(/^cannot open .*ENOENT/),
    });
  });
});

describe("failedJobsSettings", () => {
  test.for([
    [[], /give an action/],
    [["drop"], /give an action/],
    [["retry"], /choose jobs: retry with ids, or with --all/],
    [["move", "a"], /choose jobs: move/],
    [["move"], /move needs a file/],
    [["retry", "1", "--all"], /not both/],
    [["show"], /the id of one job/],
    [["put", "a", "b"], /put takes one file/],
    [["list", "--since", "yesterday"], /--since takes/],
    [["list", "--fast"], /Unknown option/],
  ] as const)("%j is refused with a message", ([args, words]) => {
    expect(() => failedJobsSettings(args, {})).toThrow(words);
  });
});
