import { VIEWS_JOB, VIEWS_JOB_OPTIONS, VIEWS_QUEUE } from "@model-views/shared/contracts/views-queue.ts";
import { test as base } from "@model-views/testing/fixtures.ts";
import { aView } from "@model-views/testing/views.ts";
import { Queue } from "bullmq";
import { expect } from "vitest";
import { watchDelayed } from "../src/queue/delayed-jobs.ts";

const MINUTE_MS = 60_000;

const test = base.extend<{
  queue: Queue;
  /** A job that is due so many milliseconds after now. */
  delayed: (ms: number) => Promise<string>;
  watch: (canRecord: () => boolean) => number[];
}>({
  queue: async ({ redis }, use) => {
    const queue = new Queue(VIEWS_QUEUE.name, { connection: redis, prefix: VIEWS_QUEUE.prefix });
    await use(queue);
    await queue.close();
  },
  delayed: async ({ queue, redis }, use) => {
    await use(async (ms) => {
      const data = { v: 1, views: [aView()] };
      const job = await queue.add(VIEWS_JOB, data, { ...VIEWS_JOB_OPTIONS, delay: MINUTE_MS });
      const score = (Date.now() + ms) * 0x1000;
      await redis.zadd(`${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:delayed`, score, job.id ?? "");
      return job.id ?? "";
    });
  },
  watch: async ({ queue, redis }, use) => {
    const stops: (() => void)[] = [];
    await use((canRecord) => {
      const promoted: number[] = [];
      const onError = (error: unknown) => expect.unreachable(String(error));
      stops.push(
        watchDelayed({ redis, queue, canRecord, onPromoted: (jobs) => promoted.push(jobs), onError }),
      );
      return promoted;
    });
    for (const stop of stops) stop();
  },
});

const ids = async (queue: Queue, state: "waiting" | "delayed") =>
  (await queue.getJobs(state)).map(({ id }) => id).sort();

test("a worker that starts takes what others have put off: it may be of the version that they waited for", async ({
  queue,
  delayed,
  watch,
}) => {
  const id = await delayed(4 * MINUTE_MS);
  const promoted = watch(() => true);
  await expect.poll(() => ids(queue, "waiting")).toEqual([id]);
  expect(promoted).toEqual([]);
});

test("what a wrong clock has put off for hours, or left lying, waits no longer, and is told", async ({
  queue,
  delayed,
  watch,
}) => {
  // All are promoted at the first look, which has been when this one waits.
  const probe = await delayed(4 * MINUTE_MS);
  const promoted = watch(() => true);
  await expect.poll(() => ids(queue, "waiting")).toEqual([probe]);
  const [hours, lying, plausible] = [
    await delayed(60 * MINUTE_MS),
    await delayed(-MINUTE_MS),
    await delayed(4 * MINUTE_MS),
  ];
  await expect.poll(() => ids(queue, "waiting")).toEqual([probe, hours, lying].sort());
  expect(await ids(queue, "delayed")).toEqual([plausible]);
  expect(promoted.reduce((sum, jobs) => sum + jobs, 0)).toBe(2);
});

test("a job that is no JSON is put back as well, and keeps no other from it", async ({
  queue,
  delayed,
  watch,
  redis,
}) => {
  const broken = [await delayed(3 * MINUTE_MS), await delayed(4 * MINUTE_MS)];
  const behind = await delayed(5 * MINUTE_MS);
  for (const id of broken) await redis.hset(queue.toKey(id), { data: "{no JSON", opts: "{no JSON" });
  watch(() => true);
  await expect.poll(() => redis.zcard(queue.toKey("delayed"))).toBe(0);
  expect((await redis.lrange(queue.toKey("wait"), 0, -1)).sort()).toEqual([...broken, behind].sort());
});

test("while nothing can be recorded no job is left lying", async ({ queue, delayed, watch }) => {
  let canRecord = false;
  const lying = await delayed(-MINUTE_MS);
  const hours = await delayed(60 * MINUTE_MS);
  const promoted = watch(() => canRecord);
  await expect.poll(() => ids(queue, "waiting")).toEqual([hours]);
  expect(await ids(queue, "delayed")).toEqual([lying]);
  canRecord = true;
  await expect.poll(() => promoted.at(-1)).toBe(1);
  expect(await ids(queue, "delayed")).toEqual([]);
});
