import { randomUUID } from "node:crypto";
import type { JobsOptions } from "bullmq";
import type { Redis } from "ioredis";
import { VIEWS_QUEUE } from "../contracts/views-queue.ts";

/*
 * Every view that is put on the queue is counted in Redis, by the transaction that puts it there, and every view that is recorded
 * is counted in PostgreSQL, by the statement that records it. Nothing else counts in both, so what is queued and neither recorded nor on
 * the queue any more is lost. docs/adr/0024-accounting.md has the whole.
 */

/** A hash with what was counted: `queued` and `removed` views. */
export const ACCOUNTS_KEY = `${VIEWS_QUEUE.prefix}:accounts`;
/** The field of a job with the number of its views, once they are counted. */
const COUNTED = "accounted";
/** The option of a job with its account. BullMQ hands on options that it does not know. */
const ACCOUNT = "account";

const jobKey = (id: string) => `${VIEWS_QUEUE.prefix}:${VIEWS_QUEUE.name}:${id}`;

/** Opens the account of a job that is about to be queued. */
export function newAccount(): Record<typeof ACCOUNT, string> {
  return { [ACCOUNT]: randomUUID() };
}

/** The account of a job, from its options; undefined when it was queued without one, by an earlier version. */
export function accountOf(options: JobsOptions): string | undefined {
  const account: unknown = { ...options }[ACCOUNT as keyof JobsOptions];
  return typeof account === "string" && UUID.test(account) ? account : undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Counts a job once, and only if it is there: KEYS job, accounts; ARGV its views. */
const COUNT_JOB = `
if redis.call("exists", KEYS[1]) == 0 or redis.call("hexists", KEYS[1], "${COUNTED}") == 1 then return 0 end
redis.call("hset", KEYS[1], "${COUNTED}", ARGV[1])
return redis.call("hincrby", KEYS[2], "queued", ARGV[1])`;

/** Views in the data of a job; 0 when it cannot be read. */
export function viewsIn(payload: unknown): number {
  const views = typeof payload === "object" && payload !== null && "views" in payload ? payload.views : [];
  return Array.isArray(views) ? views.length : 0;
}

/** The arguments of `EVAL` that count a job of so many views as queued. It has to follow the job's addition in one transaction. */
export function countJob(
  id: string,
  views: number,
): [script: string, keys: number, ...args: (string | number)[]] {
  return [COUNT_JOB, 2, jobKey(id), ACCOUNTS_KEY, views];
}

/** The views of a job that were counted as queued; 0 for a job of an earlier version. */
export async function countedViews(redis: Redis, id: string): Promise<number> {
  return Number(await redis.hget(jobKey(id), COUNTED));
}

/**
 * Counts views as removed by an operator, who has them in a file: after their job was removed, because a job that a worker runs
 * stays. When the process is killed in between, they count as lost until they are written off.
 */
export async function countRemoved(redis: Redis, views: number): Promise<void> {
  if (views > 0) await redis.hincrby(ACCOUNTS_KEY, "removed", views);
}

/** Jobs that are looked into to count their views: Redis does nothing else meanwhile, which takes some milliseconds. */
const JOBS_READ_MAX = 5_000;

/** Reads everything at one moment: KEYS accounts, wait, paused, active, delayed, failed; ARGV the prefix of jobs, and how many to read at most. */
const READ_ACCOUNTS = `
local function views(ids)
  local sum = 0
  for _, id in ipairs(ids) do sum = sum + (tonumber(redis.call("hget", ARGV[1] .. id, "${COUNTED}")) or 0) end
  return sum
end
local lists = { redis.call("llen", KEYS[2]), redis.call("llen", KEYS[3]), redis.call("llen", KEYS[4]) }
local sets = { redis.call("zcard", KEYS[5]), redis.call("zcard", KEYS[6]) }
local counts = redis.call("hmget", KEYS[1], "queued", "removed", "written off")
local jobs = lists[1] + lists[2] + lists[3] + sets[1] + sets[2]
if jobs > tonumber(ARGV[2]) then return counts end
return { counts[1], counts[2], counts[3],
  views(redis.call("lrange", KEYS[2], 0, -1)) + views(redis.call("lrange", KEYS[3], 0, -1)) + views(redis.call("zrange", KEYS[5], 0, -1)),
  views(redis.call("lrange", KEYS[4], 0, -1)), views(redis.call("zrange", KEYS[6], 0, -1)) }`;

/** What the queue has counted, in views. */
export type QueueAccounts = {
  /** Ever put on the queue. */
  queued: number;
  /** Taken off the queue by operators, who have them in a file. */
  removed: number;
  /** Differences that operators have looked into and set to zero. */
  writtenOff: number;
  /** On the queue now; undefined while more than 5,000 batches are on it. */
  now: { waiting: number; active: number; failed: number } | undefined;
};

/** Reads the accounts at one moment. */
export async function readAccounts(redis: Redis): Promise<QueueAccounts> {
  const keys = ["wait", "paused", "active", "delayed", "failed"].map(jobKey);
  const answer = (await redis.eval(READ_ACCOUNTS, 6, ACCOUNTS_KEY, ...keys, jobKey(""), JOBS_READ_MAX)) as (
    | string
    | number
    | null
  )[];
  const [queued, removed, writtenOff, waiting, active, failed] = answer.map(Number);
  return {
    queued: queued ?? 0,
    removed: removed ?? 0,
    writtenOff: writtenOff ?? 0,
    now:
      waiting === undefined || active === undefined || failed === undefined
        ? undefined
        : { waiting, active, failed },
  };
}

/** Writes off views that are lost, or with a negative number such as were recorded beyond those that were queued. */
export async function writeOff(redis: Redis, views: number): Promise<void> {
  await redis.hincrby(ACCOUNTS_KEY, "written off", views);
}
